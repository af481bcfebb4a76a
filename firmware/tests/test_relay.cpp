#include <doctest/doctest.h>

#include "fakes.h"
#include "relay_bank.h"

using namespace pvf_test;
using pvf::Outcome;
using pvf::PinReason;

namespace {

pvf::RelayCommand command(bool on, uint32_t sequence, uint32_t lease = 60) {
  pvf::RelayCommand c{};
  c.valid = true;
  c.on = on;
  c.sequence = sequence;
  c.lease_s = on ? lease : 0;
  return c;
}

pvf::RelayLimits free_limits() {
  pvf::RelayLimits limits{};
  limits.longest_lease_s = 900;
  limits.starts_per_hour = pvf::kStartsKept;
  return limits;
}

struct Bank {
  FakeBoard board;
  pvf::RelayLimits limits[pvf::kRelays];
  pvf::RelayBank bank{};

  explicit Bank(uint16_t power = 0, bool enabled = true) {
    for (pvf::RelayLimits& l : limits) l = free_limits();
    bank.begin(board, limits, enabled, power, PinReason::boot);
  }
  const pvf::Relay& first() const { return bank.relay(0); }
};

}  // namespace

TEST_CASE("off at boot, whatever the pin was") {
  Bank bank;
  CHECK(!bank.first().on());
  CHECK(!bank.board.relays[0]);
  CHECK(bank.first().reason() == PinReason::boot);
}

TEST_CASE("on until the lease ends, and not a step longer") {
  for (const uint32_t step : {1u, 7u, 100u, 999u}) {
    Bank bank;
    bank.bank.command(0, command(true, 1, 3));
    CHECK(bank.board.relays[0]);
    uint32_t time = 0;
    while (bank.board.relays[0]) {
      bank.bank.step(step);
      time += step;
      REQUIRE(time < 10000);
    }
    CHECK(time >= 3000);
    CHECK(time < 3000 + step);
    CHECK(bank.first().reason() == PinReason::lease);
  }
}

TEST_CASE("a renewal makes the lease longer, a copy does not") {
  Bank bank;
  bank.bank.command(0, command(true, 10, 30));
  bank.bank.step(20000);
  bank.bank.command(0, command(true, 11, 30));
  bank.bank.step(20000);
  CHECK(bank.first().on());
  bank.bank.command(0, command(true, 11, 30));
  CHECK(bank.first().outcome() == Outcome::old);
  bank.bank.command(0, command(true, 9, 30));
  CHECK(bank.first().outcome() == Outcome::old);
  CHECK(bank.first().sequence() == 11);
  bank.bank.step(10000);
  CHECK(!bank.first().on());
}

TEST_CASE("retained commands are ignored") {
  Bank bank;
  pvf::RelayCommand c = command(true, 1);
  c.retained = true;
  bank.bank.command(0, c);
  CHECK(!bank.first().on());
  CHECK(bank.first().outcome() == Outcome::retained);
  CHECK(!bank.first().commanded());
  bank.bank.command(0, command(true, 1));
  CHECK(bank.first().on());
  c.on = false;
  c.sequence = 5;
  bank.bank.command(0, c);
  CHECK(bank.first().on());
}

TEST_CASE("sequence numbers wrap") {
  CHECK(pvf::after(0, 0xFFFFFFFFu));
  CHECK(!pvf::after(0xFFFFFFFFu, 0));
  CHECK(!pvf::after(5, 5));
  CHECK(!pvf::after(0x80000000u, 0));
  CHECK(pvf::after(0x7FFFFFFFu, 0));
}

TEST_CASE("what was not understood changes nothing") {
  Bank bank;
  bank.bank.command(0, pvf::RelayCommand{});
  CHECK(bank.first().outcome() == Outcome::invalid);
  for (const uint32_t lease : {0u, 901u, 4294967295u}) {
    bank.bank.command(0, command(true, 1 + lease % 7, lease));
    CHECK(!bank.first().on());
  }
  bank.bank.command(200, command(true, 1));
}

TEST_CASE("shortest times on and off") {
  Bank bank;
  bank.limits[0].min_on_s = 60;
  bank.limits[0].min_off_s = 30;
  bank.bank.begin(bank.board, bank.limits, true, 0, PinReason::boot);
  bank.bank.command(0, command(true, 1, 900));
  CHECK(bank.first().outcome() == Outcome::dwell);
  CHECK(bank.first().wait_s() == 30);
  bank.bank.step(30000);
  bank.bank.command(0, command(true, 2, 900));
  CHECK(bank.first().on());
  bank.bank.step(59000);
  bank.bank.command(0, command(false, 3));
  CHECK(bank.first().on());
  CHECK(bank.first().outcome() == Outcome::dwell);
  CHECK(bank.first().wait_s() == 1);
  bank.bank.step(1000);
  bank.bank.command(0, command(false, 4));
  CHECK(!bank.first().on());
  CHECK(bank.first().reason() == PinReason::command);
}

TEST_CASE("the end of a lease does not wait for the shortest time on") {
  Bank bank;
  bank.limits[0].min_on_s = 600;
  bank.bank.command(0, command(true, 1, 5));
  bank.bank.step(5000);
  CHECK(!bank.first().on());
}

TEST_CASE("most starts in an hour") {
  Bank bank;
  bank.limits[0].starts_per_hour = 3;
  uint32_t sequence = 0;
  for (int i = 0; i < 3; ++i) {
    bank.bank.command(0, command(true, ++sequence, 10));
    CHECK(bank.first().on());
    bank.bank.step(600000);
  }
  bank.bank.command(0, command(true, ++sequence, 10));
  CHECK(!bank.first().on());
  CHECK(bank.first().outcome() == Outcome::starts);
  CHECK(bank.first().wait_s() == 1800);
  bank.bank.step(1799000);
  bank.bank.command(0, command(true, ++sequence, 10));
  CHECK(!bank.first().on());
  bank.bank.step(1000);
  bank.bank.command(0, command(true, ++sequence, 10));
  CHECK(bank.first().on());
  CHECK(bank.first().starts() == 4);
}

TEST_CASE("a very long time off, through the wrap of milliseconds") {
  Bank bank;
  bank.limits[0].min_off_s = 60;
  bank.bank.command(0, command(true, 1, 10));
  bank.bank.step(10000);
  CHECK(!bank.first().on());
  for (int day = 0; day < 60; ++day) bank.bank.step(86400000);
  bank.bank.command(0, command(true, 2, 10));
  CHECK(bank.first().on());
  bank.bank.step(0xFFFFFFFFu);
  CHECK(!bank.first().on());
}

TEST_CASE("relays that exclude each other") {
  Bank bank;
  bank.limits[1].excludes = 1;
  bank.bank.command(0, command(true, 1));
  bank.bank.command(1, command(true, 1));
  CHECK(!bank.bank.relay(1).on());
  CHECK(bank.bank.relay(1).outcome() == Outcome::interlock);
  bank.bank.command(0, command(false, 2));
  bank.bank.command(1, command(true, 2));
  CHECK(bank.bank.relay(1).on());
  // Said by one of them, it holds for both.
  bank.bank.command(0, command(true, 3));
  CHECK(!bank.first().on());
}

TEST_CASE("most power at once") {
  Bank bank(3000);
  for (pvf::RelayLimits& l : bank.limits) l.power_w = 1600;
  bank.bank.command(0, command(true, 1));
  bank.bank.command(1, command(true, 1));
  CHECK(bank.first().on());
  CHECK(!bank.bank.relay(1).on());
  bank.bank.command(0, command(true, 2));
  CHECK(bank.first().outcome() == Outcome::done);
}

TEST_CASE("an inhibited bank is off and stays off") {
  Bank bank;
  bank.bank.command(0, command(true, 1));
  bank.bank.inhibit(true);
  CHECK(bank.bank.step(1) == 1);
  CHECK(!bank.board.relays[0]);
  CHECK(bank.first().reason() == PinReason::interlock);
  bank.bank.command(0, command(true, 2));
  CHECK(!bank.first().on());
  bank.bank.inhibit(false);
  bank.bank.command(0, command(true, 3));
  CHECK(bank.first().on());
}

TEST_CASE("a node that was never configured switches nothing") {
  Bank bank(0, false);
  bank.bank.command(0, command(true, 1));
  CHECK(!bank.board.relays[0]);
}

TEST_CASE("a welded contact is noticed") {
  Bank bank;
  bank.board.welded[0] = true;
  bank.bank.command(0, command(true, 1, 5));
  bank.bank.step(5000);
  CHECK(bank.board.relay_is_on(0));
  CHECK(bank.bank.stuck() == 0);
  bank.bank.step(500);
  bank.bank.step(600);
  CHECK(bank.bank.stuck() == 1);
  bank.board.welded[0] = false;
  bank.bank.step(1);
  CHECK(bank.bank.stuck() == 0);
}
