#include <doctest/doctest.h>

#include <cmath>

#include "fakes.h"
#include "registers.h"
#include "ring.h"

using namespace pvf_test;

namespace {

double watt_hours(const pvf::Register& r) {
  return r.watt_hours + r.milliwatt_seconds / 3.6e6;
}

}  // namespace

TEST_CASE("a day of seconds adds up") {
  for (const double watts : {0.3, 23.7, 999.9, 5876.5}) {
    pvf::Register total{};
    for (int s = 0; s < 86400; ++s) pvf::add_energy(total, float(watts), 1000500);
    CHECK(watt_hours(total) ==
          doctest::Approx(watts * 24 * 1.0005).epsilon(watts < 1 ? 0.002 : 1e-5));
  }
}

TEST_CASE("what is no power is not counted") {
  pvf::Register total{};
  for (const float watts : {-5.0f, 0.0f, 1e9f, float(INFINITY), float(NAN)}) {
    pvf::add_energy(total, watts, 1000000);
  }
  CHECK(total.watt_hours == 0);
  CHECK(total.milliwatt_seconds == 0);
}

TEST_CASE("the register wraps where 32 bits of Wh end, not before") {
  pvf::Register total{4294967294u, 3599999u};
  pvf::add_energy(total, 3600.0f, 1000000);
  CHECK(total.watt_hours == 4294967295u);
}

TEST_CASE("a power cut at every byte of a write loses that write only") {
  const uint16_t size = sizeof(pvf::Counters);
  const uint16_t slot = pvf::Ring::slot_size(size);
  for (const uint8_t torn : {0x00, 0x5A, 0xFF}) {
    // Twice round the ring, so that every slot has been used.
    for (long cut = 0; cut <= slot; ++cut) {
      FakeMemory memory;
      memory.torn = torn;
      pvf::Counters counters{};
      {
        pvf::Ring ring(memory, 7, size, 5);
        for (uint32_t i = 1; i <= 11; ++i) {
          counters.totals[0].watt_hours = i * 100;
          counters.boot = i;
          ring.save(&counters);
          ring.finish();
        }
        counters.totals[0].watt_hours = 1200;
        counters.boot = 12;
        ring.save(&counters);
        memory.writes_left = cut;
        if (cut == 0) memory.writes_left = -1;
        if (cut > 0) ring.finish();
      }
      memory.writes_left = -1;
      pvf::Counters loaded{};
      pvf::Ring ring(memory, 7, size, 5);
      REQUIRE(ring.load(&loaded));
      const bool whole = loaded.boot == 12 && loaded.totals[0].watt_hours == 1200;
      const bool before = loaded.boot == 11 && loaded.totals[0].watt_hours == 1100;
      CHECK((whole || before));
      // Only the checksum's last byte can be right by chance.
      if (cut > 0 && cut < slot - 1) CHECK(before);
      // Whatever was left behind, the next write works.
      loaded.boot = 13;
      ring.save(&loaded);
      ring.finish();
      pvf::Ring again(memory, 7, size, 5);
      REQUIRE(again.load(&loaded));
      CHECK(loaded.boot == 13);
    }
  }
}

TEST_CASE("the ring's numbers wrap") {
  FakeMemory memory;
  uint32_t record = 0;
  pvf::Ring ring(memory, 0, sizeof(record), 3);
  for (record = 1; record <= 70000; ++record) {
    ring.save(&record);
    ring.finish();
  }
  uint32_t loaded = 0;
  CHECK(pvf::Ring(memory, 0, sizeof(record), 3).load(&loaded));
  CHECK(loaded == 70000);
}

TEST_CASE("an empty or ruined memory holds nothing") {
  FakeMemory memory;
  uint32_t record;
  CHECK(!pvf::Ring(memory, 0, sizeof(record), 3).load(&record));
  std::memset(memory.bytes, 0, sizeof(memory.bytes));
  CHECK(!pvf::Ring(memory, 0, sizeof(record), 3).load(&record));
}

TEST_CASE("writes wear every slot alike") {
  FakeMemory memory;
  pvf::Counters counters{};
  pvf::Ring ring(memory, 0, sizeof(counters), pvf::kEnergySlots);
  // A write every ten minutes for ten years stays below 100 000 for each byte.
  const double writes = 10 * 365.25 * 144 / pvf::kEnergySlots;
  CHECK(writes < 100000.0);
  for (int i = 0; i < 20000; ++i) {
    ring.save(&counters);
    ring.finish();
  }
  CHECK(memory.written == 20000u * pvf::Ring::slot_size(sizeof(counters)));
}
