#include <doctest/doctest.h>

#include <initializer_list>

#include "crc.h"
#include "thermal.h"

namespace {

struct Scratchpad {
  uint8_t bytes[9];
  explicit Scratchpad(double celsius) {
    const int16_t raw = int16_t(celsius * 16);
    const uint8_t head[] = {uint8_t(raw), uint8_t(raw >> 8), 75, 70, 127, 255, 12, 16};
    for (int i = 0; i < 8; ++i) bytes[i] = head[i];
    bytes[8] = pvf::crc8(bytes, 8);
  }
};

}  // namespace

TEST_CASE("checksum of the data sheet's example") {
  const uint8_t rom[] = {0x02, 0x1C, 0xB8, 0x01, 0x00, 0x00, 0x00, 0xA2};
  CHECK(pvf::crc8(rom, 8) == 0);
}

TEST_CASE("temperatures on both sides of zero") {
  for (const double celsius : {-55.0, -10.125, -0.5, 0.0, 25.0625, 84.9375, 125.0}) {
    pvf::Thermometer sensor{};
    CHECK(sensor.take(Scratchpad(celsius).bytes));
    CHECK(double(sensor.celsius()) == doctest::Approx(celsius));
  }
}

TEST_CASE("what is no temperature is refused") {
  pvf::Thermometer sensor{};
  Scratchpad good(20.0);
  for (int bit = 0; bit < 72; ++bit) {
    Scratchpad bad = good;
    bad.bytes[bit / 8] = uint8_t(bad.bytes[bit / 8] ^ (1u << (bit % 8)));
    CHECK(!sensor.take(bad.bytes));
  }
  const uint8_t zeros[9] = {}, ones[9] = {255, 255, 255, 255, 255, 255, 255, 255, 255};
  CHECK(!sensor.take(zeros));
  CHECK(!sensor.take(ones));
  CHECK(!sensor.take(Scratchpad(-127.0).bytes));
  CHECK(!sensor.take(Scratchpad(126.0).bytes));
}

TEST_CASE("85 degrees are believed only where it was hot before") {
  pvf::Thermometer sensor{};
  CHECK(!sensor.take(Scratchpad(85.0).bytes));
  CHECK(sensor.take(Scratchpad(40.0).bytes));
  CHECK(!sensor.take(Scratchpad(85.0).bytes));
  CHECK(sensor.take(Scratchpad(80.0).bytes));
  CHECK(sensor.take(Scratchpad(85.0).bytes));
}

TEST_CASE("a temperature grows old") {
  pvf::Thermometer sensor{};
  sensor.take(Scratchpad(20.0).bytes);
  sensor.step(59000);
  CHECK(sensor.known());
  sensor.step(1000);
  CHECK(!sensor.known());
}

TEST_CASE("the fan: hysteresis, and on when nobody knows") {
  pvf::Thermometer sensor{};
  pvf::FanControl fan{};
  fan.step(sensor, false);
  CHECK(!fan.on());
  fan.step(sensor, true);
  CHECK(fan.on());
  const struct {
    double celsius;
    bool on;
  } steps[] = {{44.0, true}, {40.0, false}, {44.9, false}, {45.0, true}, {41.0, true}};
  for (const auto& row : steps) {
    sensor.take(Scratchpad(row.celsius).bytes);
    fan.step(sensor, true);
    CHECK(fan.on() == row.on);
  }
  sensor.take(Scratchpad(20.0).bytes);
  fan.step(sensor, true);
  CHECK(!fan.on());
  sensor.step(60000);
  fan.step(sensor, true);
  CHECK(fan.on());
}
