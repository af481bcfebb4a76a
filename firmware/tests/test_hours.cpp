#include <doctest/doctest.h>

#include <cstring>

#include "fakes.h"
#include "hour_log.h"

using namespace pvf_test;

namespace {

struct Day {
  pvf::Hours hours{};
  pvf::Register totals[pvf::kTotals] = {};
  uint32_t time = 1781946000 - 1800;

  void run(uint32_t seconds, bool link) {
    for (uint32_t s = 0; s < seconds; ++s) {
      ++time;
      pvf::add_energy(totals[pvf::kProduced], 1800.0f, 1000000);
      pvf::add_energy(totals[pvf::kImported], 360.0f, 1000000);
      if (!link) hours.link_lost();
      hours.step(time, totals, link);
    }
  }
};

}  // namespace

TEST_CASE("six hours without a broker are kept whole") {
  Day day;
  day.run(1800 + 2 * 3600, true);
  CHECK(day.hours.due(0) == nullptr);
  day.run(6 * 3600, false);
  day.run(3600, true);
  REQUIRE(day.hours.due_count() == 7);
  for (uint8_t i = 0; i < 7; ++i) {
    const pvf::Hour& hour = *day.hours.due(i);
    CHECK(hour.start % 3600 == 0);
    CHECK(hour.energy_wh[pvf::kProduced] == 1800);
    CHECK(hour.energy_wh[pvf::kImported] == 360);
    CHECK(hour.energy_wh[pvf::kConsumed] == 0);
  }
  day.hours.sent(3);
  CHECK(day.hours.due_count() == 4);
  day.hours.sent(0);
  CHECK(day.hours.due_count() == 4);
  day.hours.sent(12);
  CHECK(day.hours.due_count() == 0);
  day.hours.ask(day.time - 3 * 3600);
  CHECK(day.hours.due_count() >= 3);
}

TEST_CASE("the hour in which a node starts is not whole") {
  Day day;
  day.run(1800 + 3599, false);
  CHECK(day.hours.size() == 0);
  day.run(3600, false);
  CHECK(day.hours.size() == 1);
}

TEST_CASE("old hours give way to new ones") {
  Day day;
  day.run((pvf::kKeptHours + 10) * 3600, false);
  CHECK(day.hours.size() == pvf::kKeptHours);
  CHECK(day.hours.due(0)->start % 3600 == 0);
  CHECK(day.hours.due(pvf::kKeptHours - 1)->start + 3600 <= day.time);
}

TEST_CASE("a clock that is moved far drops what it dated") {
  Day day;
  day.run(5 * 3600, false);
  REQUIRE(day.hours.size() > 0);
  const uint8_t size = day.hours.size();
  day.hours.moved(-30);
  CHECK(day.hours.size() == size);
  day.hours.moved(5000);
  CHECK(day.hours.size() == 0);
  day.time += 5000;
  day.run(7200, false);
  for (uint8_t i = 0; i < day.hours.size(); ++i) {
    CHECK(day.hours.due(i)->energy_wh[pvf::kProduced] == 1800);
  }
}

TEST_CASE("a clock that is set back a little over an hour's end loses nothing") {
  Day day;
  day.run(1800 + 3600, false);
  REQUIRE(day.hours.due_count() == 1);
  // A resonator that is half a percent fast: a time server corrects it each hour.
  day.run(5, false);
  day.time -= 18;
  CHECK(!day.hours.moved(-18));
  day.run(18 + 3600, false);
  REQUIRE(day.hours.due_count() == 2);
  CHECK(day.hours.due(1)->start == day.hours.due(0)->start + 3600);
  uint32_t told = 0;
  for (uint8_t i = 0; i < 2; ++i) told += day.hours.due(i)->energy_wh[pvf::kProduced];
  // Since the first whole hour began, to the watt hour.
  const uint32_t measured = 3600 + 5 + 18 + 3600 - 5;
  CHECK(told + 1 >= measured / 2);
  CHECK(told <= measured / 2 + 1);
}

TEST_CASE("an hour in which the node restarts goes on") {
  Day day;
  day.run(1800 + 3600 + 1200, false);
  REQUIRE(day.hours.due_count() == 1);
  pvf::Hour first;
  REQUIRE(day.hours.take_kept(first));
  const pvf::HourStart start = day.hours.current();
  REQUIRE(start.hour != 0);
  // Ten minutes without power, half of an hour still to come.
  Day again;
  again.time = day.time + 600;
  std::memcpy(again.totals, day.totals, sizeof(day.totals));
  again.hours.restore(first);
  again.hours.restore(start, again.totals);
  again.hours.began(again.time, again.time);
  CHECK(again.hours.due_count() == 1);
  again.run(1800, false);
  REQUIRE(again.hours.due_count() == 2);
  CHECK(again.hours.due(0)->energy_wh[pvf::kProduced] == 1800);
  CHECK(again.hours.due(1)->start == first.start + 3600);
  CHECK(again.hours.due(1)->energy_wh[pvf::kProduced] == 1500);
}

TEST_CASE("an hour that ended without power holds what was measured of it") {
  Day day;
  day.run(1800 + 900, false);
  const pvf::HourStart start = day.hours.current();
  Day again;
  again.time = day.time + 5000;
  std::memcpy(again.totals, day.totals, sizeof(day.totals));
  again.hours.restore(start, again.totals);
  CHECK(again.hours.due_count() == 0);
  again.hours.began(again.time, again.time);
  REQUIRE(again.hours.due_count() == 1);
  CHECK(again.hours.due(0)->start == start.hour);
  CHECK(again.hours.due(0)->energy_wh[pvf::kProduced] == 450);
  // Since its start it measured all that there was of the next hour.
  const uint32_t hour = again.time - again.time % 3600;
  const uint32_t measured = hour + 3600 - again.time;
  again.run(measured, false);
  REQUIRE(again.hours.due_count() == 2);
  CHECK(again.hours.due(1)->start == hour);
  CHECK(again.hours.due(1)->energy_wh[pvf::kProduced] == measured / 2);
}

TEST_CASE("what was counted before the time was known has no hour") {
  pvf::Hours hours{};
  pvf::Register totals[pvf::kTotals] = {};
  hours.restore(pvf::HourStart(), totals);
  totals[pvf::kProduced].watt_hours = 700;
  const uint32_t time = 1781946000 + 600;
  hours.began(time - 7200, time);
  hours.step(1781946000 + 3600, totals, false);
  CHECK(hours.size() == 0);
  totals[pvf::kProduced].watt_hours = 900;
  hours.step(1781946000 + 7200, totals, false);
  REQUIRE(hours.due_count() == 1);
  CHECK(hours.due(0)->energy_wh[pvf::kProduced] == 200);
}

TEST_CASE("hours that a wrong clock dated in the future are dropped") {
  pvf::Hours hours{};
  const pvf::Register totals[pvf::kTotals] = {};
  hours.restore(pvf::Hour{1781946000 - 3600, {1, 2, 3, 4}});
  hours.restore(pvf::Hour{1781946000 + 7200, {1, 2, 3, 4}});
  hours.restore(pvf::HourStart(), totals);
  hours.began(1781946000, 1781946000 + 60);
  CHECK(hours.size() == 1);
  CHECK(hours.due_count() == 1);
}

namespace {

// Where the log lies in memory; what is around it must stay as it is.
constexpr uint16_t kPlace = 100;

pvf::Hour hour_number(uint32_t number) {
  const pvf::HourEnergy energy = static_cast<pvf::HourEnergy>(number * 7);
  return {1781946000u + number * 3600u, {energy, 1, 2, 3}};
}

void write(pvf::HourLog& log, const pvf::Hour& hour) {
  log.save(hour);
  for (int i = 0; i < pvf::HourLog::kSlotSize; ++i) log.step();
}

// What a node that starts finds, at a time long after.
void load(FakeMemory& memory, pvf::Hours& hours) {
  const pvf::Register totals[pvf::kTotals] = {};
  pvf::HourLog(memory, kPlace).load(hours);
  hours.restore(pvf::HourStart(), totals);
  hours.began(1781946000 + 10000 * 3600, 1781946000 + 10000 * 3600);
}

}  // namespace

TEST_CASE("kept hours outlive a power cut, the newest of them") {
  FakeMemory memory;
  pvf::HourLog log(memory, kPlace);
  pvf::Hours none{};
  load(memory, none);
  CHECK(none.size() == 0);
  for (uint32_t n = 0; n < 60; ++n) {
    // A node that was off leaves a hole.
    if (n != 40) write(log, hour_number(n));
  }
  pvf::Hours hours{};
  load(memory, hours);
  REQUIRE(hours.due_count() == pvf::kKeptHours - 1);
  CHECK(hours.due(0)->start == hour_number(12).start);
  for (uint8_t i = 1; i < hours.due_count(); ++i) {
    CHECK(hours.due(i)->start > hours.due(static_cast<uint8_t>(i - 1))->start);
  }
  CHECK(hours.due(46)->energy_wh[pvf::kProduced] == 59 * 7);
  CHECK(memory.bytes[kPlace - 1] == 0xFF);
  CHECK(memory.bytes[kPlace + pvf::HourLog::kSize] == 0xFF);
}

TEST_CASE("a power cut at every byte of an hour loses one that is two days old") {
  for (int writes = 1; writes <= pvf::HourLog::kSlotSize; ++writes) {
    FakeMemory memory;
    pvf::HourLog log(memory, kPlace);
    for (uint32_t n = 0; n < pvf::kKeptHours; ++n) write(log, hour_number(n));
    memory.writes_left = writes;
    write(log, hour_number(pvf::kKeptHours));
    pvf::Hours hours{};
    load(memory, hours);
    CHECK(hours.due_count() >= pvf::kKeptHours - 1);
    for (uint8_t i = 0; i < hours.due_count(); ++i) {
      const pvf::Hour& hour = *hours.due(i);
      const uint32_t number = (hour.start - 1781946000u) / 3600u;
      const pvf::Hour expected = hour_number(number);
      CHECK(std::memcmp(&hour, &expected, sizeof(hour)) == 0);
    }
  }
}

TEST_CASE("a log that is cleared gives nothing back") {
  FakeMemory memory;
  pvf::HourLog log(memory, kPlace);
  for (uint32_t n = 0; n < 50; ++n) write(log, hour_number(n));
  log.clear();
  write(log, hour_number(70));
  pvf::Hours hours{};
  load(memory, hours);
  REQUIRE(hours.due_count() == 1);
  CHECK(hours.due(0)->start == hour_number(70).start);
}
