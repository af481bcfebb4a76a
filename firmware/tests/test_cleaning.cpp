#include <doctest/doctest.h>

#include <cmath>
#include <iterator>
#include <random>
#include <set>

#include "cleaning.h"

using pvf::CleaningFault;
using pvf::CleaningPhase;

namespace {

pvf::CleaningInputs good() {
  pvf::CleaningInputs in{};
  in.ambient_known = true;
  in.ambient = 20.0f;
  in.at_home = true;
  in.link = true;
  return in;
}

// What must hold in every state, whatever happens.
void check_outputs(const pvf::Cleaning& cleaning) {
  const pvf::CleaningOutputs out = cleaning.outputs();
  CHECK((!out.pump || out.valve));
  CHECK(!(out.forward && out.reverse));
  CHECK((!(out.forward || out.reverse) || out.pump));
  if (cleaning.phase() == CleaningPhase::idle ||
      cleaning.phase() == CleaningPhase::precheck ||
      cleaning.phase() == CleaningPhase::valve_close) {
    CHECK(!(out.valve || out.pump || out.forward || out.reverse));
  }
  if (cleaning.phase() == CleaningPhase::fault) {
    CHECK(!(out.pump || out.forward || out.reverse));
  }
}

// A brush on its rail, and water that follows the pump.
struct Rig {
  pvf::Cleaning cleaning{};
  pvf::CleaningInputs in = good();
  double place = 0.0;

  bool step(uint32_t ms) {
    const pvf::CleaningOutputs out = cleaning.outputs();
    if (out.forward) place += ms / 20000.0;
    if (out.reverse) place -= ms / 20000.0;
    in.at_home = place <= 0.0;
    in.at_end = place >= 1.0;
    in.flow = out.pump && out.valve;
    const bool changed = cleaning.step(in, ms);
    check_outputs(cleaning);
    return changed;
  }

  bool run_to(CleaningPhase phase, uint32_t most = 600000) {
    for (uint32_t t = 0; t < most; t += 50) {
      if (cleaning.phase() == phase) return true;
      step(50);
    }
    return cleaning.phase() == phase;
  }
};

const CleaningPhase kRunning[] = {
    CleaningPhase::precheck,      CleaningPhase::valve_open, CleaningPhase::pump_on,
    CleaningPhase::brush_forward, CleaningPhase::dead,       CleaningPhase::brush_reverse,
    CleaningPhase::rinse,         CleaningPhase::pump_off,   CleaningPhase::valve_close};

}  // namespace

TEST_CASE("a run goes through every phase in order") {
  Rig rig;
  rig.cleaning.start(rig.in);
  for (const CleaningPhase phase : kRunning) CHECK(rig.run_to(phase));
  CHECK(rig.run_to(CleaningPhase::idle));
  CHECK(rig.cleaning.fault() == CleaningFault::none);
  CHECK(rig.cleaning.runs() == 1);
}

TEST_CASE("every reason not to start") {
  const struct {
    void (*spoil)(pvf::CleaningInputs&);
    CleaningFault why;
  } rows[] = {
      {[](pvf::CleaningInputs& i) { i.ambient = 2.9f; }, CleaningFault::cold},
      {[](pvf::CleaningInputs& i) { i.ambient_known = false; }, CleaningFault::cold},
      {[](pvf::CleaningInputs& i) { i.ambient = NAN; }, CleaningFault::cold},
      {[](pvf::CleaningInputs& i) { i.ambient = 40.1f; }, CleaningFault::hot},
      {[](pvf::CleaningInputs& i) { i.panel_hot = true; }, CleaningFault::hot_panel},
      {[](pvf::CleaningInputs& i) { i.rain = true; }, CleaningFault::rain},
      {[](pvf::CleaningInputs& i) { i.tank_low = true; }, CleaningFault::tank_empty},
      {[](pvf::CleaningInputs& i) { i.stop = true; }, CleaningFault::stopped},
      {[](pvf::CleaningInputs& i) { i.link = false; }, CleaningFault::no_link},
      {[](pvf::CleaningInputs& i) { i.at_end = true; }, CleaningFault::limit_switch},
  };
  for (const auto& row : rows) {
    pvf::Cleaning cleaning{};
    pvf::CleaningInputs in = good();
    row.spoil(in);
    cleaning.start(in);
    CHECK(cleaning.phase() == CleaningPhase::idle);
    CHECK(cleaning.fault() == row.why);
    CHECK(cleaning.runs() == 0);
  }
}

TEST_CASE("not more than so many runs a day") {
  Rig rig;
  for (int i = 0; i < pvf::Cleaning::kRunsPerDay; ++i) {
    rig.cleaning.start(rig.in);
    rig.step(50);
    CHECK(rig.run_to(CleaningPhase::idle));
  }
  rig.cleaning.start(rig.in);
  CHECK(rig.cleaning.fault() == CleaningFault::too_often);
  for (int i = 0; i < 24 * 60; ++i) rig.step(60000);
  rig.cleaning.start(rig.in);
  CHECK(rig.cleaning.phase() == CleaningPhase::precheck);
  CHECK(rig.cleaning.runs() == 1);
}

TEST_CASE("no flow within five seconds, or no more of it, is a fault") {
  Rig rig;
  rig.cleaning.start(rig.in);
  REQUIRE(rig.run_to(CleaningPhase::pump_on));
  rig.in.flow = false;
  rig.cleaning.step(rig.in, 4999);
  CHECK(rig.cleaning.phase() == CleaningPhase::pump_on);
  rig.cleaning.step(rig.in, 1);
  CHECK(rig.cleaning.fault() == CleaningFault::no_flow);
  check_outputs(rig.cleaning);

  Rig other;
  other.cleaning.start(other.in);
  REQUIRE(other.run_to(CleaningPhase::brush_forward));
  other.in.flow = other.in.at_home = false;
  other.cleaning.step(other.in, 1999);
  CHECK(other.cleaning.phase() == CleaningPhase::brush_forward);
  other.cleaning.step(other.in, 1);
  CHECK(other.cleaning.fault() == CleaningFault::no_flow);
}

TEST_CASE("stop wins in every phase, and stays until somebody looked") {
  for (const CleaningPhase phase : kRunning) {
    Rig rig;
    rig.cleaning.start(rig.in);
    REQUIRE(rig.run_to(phase));
    const bool valve = rig.cleaning.outputs().valve;
    rig.in.stop = true;
    rig.step(1);
    CHECK(rig.cleaning.phase() == CleaningPhase::fault);
    CHECK(rig.cleaning.fault() == CleaningFault::stopped);
    // Brush and pump are off at once; the valve waits for the pump to stand still.
    CHECK(rig.cleaning.outputs().valve == valve);
    rig.step(1000);
    CHECK(!rig.cleaning.outputs().valve);
    rig.cleaning.start(rig.in);
    CHECK(rig.cleaning.phase() == CleaningPhase::fault);
    rig.cleaning.reset(rig.in);
    CHECK(rig.cleaning.phase() == CleaningPhase::fault);
    rig.in.stop = false;
    rig.cleaning.reset(rig.in);
    CHECK(rig.run_to(CleaningPhase::idle));
    CHECK(rig.cleaning.fault() == CleaningFault::none);
  }
}

TEST_CASE("a command to stop ends safely") {
  for (const CleaningPhase phase : kRunning) {
    Rig rig;
    rig.cleaning.start(rig.in);
    REQUIRE(rig.run_to(phase));
    rig.cleaning.stop();
    check_outputs(rig.cleaning);
    CHECK(!rig.cleaning.outputs().pump);
    CHECK(rig.run_to(CleaningPhase::idle, 10000));
    CHECK(rig.cleaning.fault() == CleaningFault::none);
  }
}

TEST_CASE("without anybody watching the brush goes home and the run ends") {
  Rig rig;
  rig.cleaning.start(rig.in);
  REQUIRE(rig.run_to(CleaningPhase::brush_forward));
  for (int i = 0; i < 100; ++i) rig.step(50);
  rig.in.link = false;
  CHECK(rig.run_to(CleaningPhase::pump_off, 20000));
  CHECK(rig.in.at_home);
  CHECK(rig.run_to(CleaningPhase::idle, 10000));
}

TEST_CASE("a brush that never arrives is a fault") {
  Rig rig;
  rig.cleaning.start(rig.in);
  REQUIRE(rig.run_to(CleaningPhase::brush_forward));
  rig.in.at_home = false;
  for (int i = 0; i < 1199; ++i) rig.cleaning.step(rig.in, 100);
  CHECK(rig.cleaning.phase() == CleaningPhase::brush_forward);
  rig.cleaning.step(rig.in, 5100);
  CHECK(rig.cleaning.fault() == CleaningFault::too_long);
}

TEST_CASE("every phase, every input, every command: the interlocks hold") {
  // From each phase, all combinations of the eight inputs and four commands, followed
  // by all combinations again.
  auto inputs = [](unsigned bits) {
    pvf::CleaningInputs in{};
    in.ambient_known = true;
    in.ambient = (bits & 1) != 0 ? 1.0f : 20.0f;
    in.panel_hot = in.rain = (bits & 2) != 0;
    in.tank_low = (bits & 4) != 0;
    in.flow = (bits & 8) != 0;
    in.at_home = (bits & 16) != 0;
    in.at_end = (bits & 32) != 0;
    in.stop = (bits & 64) != 0;
    in.link = (bits & 128) != 0;
    return in;
  };
  std::set<int> reached;
  long steps = 0;
  auto violated = [&](const pvf::Cleaning& c) {
    ++steps;
    const pvf::CleaningOutputs out = c.outputs();
    reached.insert(int(c.phase()));
    return (out.pump && !out.valve) || (out.forward && out.reverse) ||
           ((out.forward || out.reverse) && !out.pump);
  };
  bool bad = false;
  for (int start = -1; start < int(std::size(kRunning)) + 1; ++start) {
    Rig rig;
    if (start >= 0) {
      rig.cleaning.start(rig.in);
      if (start < int(std::size(kRunning))) {
        REQUIRE(rig.run_to(kRunning[start]));
      } else {
        rig.run_to(CleaningPhase::pump_on);
        rig.in.stop = true;
        rig.step(1);
      }
    }
    for (unsigned bits = 0; bits < 256; ++bits) {
      for (int command = 0; command < 4; ++command) {
        for (const uint32_t ms : {1u, 600u, 5000u, 130000u}) {
          pvf::Cleaning first = rig.cleaning;
          const pvf::CleaningInputs in = inputs(bits);
          if (command == 1) first.start(in);
          if (command == 2) first.stop();
          if (command == 3) first.reset(in);
          bad = bad || violated(first);
          first.step(in, ms);
          bad = bad || violated(first);
          if (in.stop) {
            const pvf::CleaningOutputs out = first.outputs();
            bad = bad || out.pump || out.forward || out.reverse;
          }
          for (unsigned next = 0; next < 256; next += 1) {
            pvf::Cleaning second = first;
            second.step(inputs(next), ms);
            bad = bad || violated(second);
          }
        }
      }
    }
  }
  CHECK(!bad);
  CHECK(reached.size() == 11);
  CHECK(steps > 10000000);
}

TEST_CASE("random lives: the interlocks hold, and directions never change at once") {
  std::mt19937 random(7);
  Rig rig;
  int last = 0;
  uint32_t since = 1000;
  for (int i = 0; i < 300000; ++i) {
    const unsigned dice = random() % 2000;
    rig.in.stop = dice == 0;
    rig.in.tank_low = dice == 1;
    rig.in.link = dice > 4;
    if (dice > 1900) rig.cleaning.start(rig.in);
    if (dice == 5) rig.cleaning.stop();
    if (dice > 1950) rig.cleaning.reset(rig.in);
    rig.step(100);
    const pvf::CleaningOutputs out = rig.cleaning.outputs();
    const int now = out.forward ? 1 : out.reverse ? -1 : 0;
    since += 100;
    if (now != 0) {
      if (last != 0 && now != last) REQUIRE(since >= 500);
      last = now;
      since = 0;
    }
  }
}
