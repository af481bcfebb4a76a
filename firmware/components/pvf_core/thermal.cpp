#include "thermal.h"

#include "crc.h"

namespace pvf {

namespace {

constexpr uint32_t kFreshMs = 60000;
// What a sensor reads as before its first conversion.
constexpr int16_t kPowerOn = 85 * 16;
// A busbar that was this hot a moment ago may really have 85 degrees.
constexpr float kNearPowerOn = 75.0f;
constexpr int16_t kLowest = -55 * 16;
constexpr int16_t kHighest = 125 * 16;

}  // namespace

bool Thermometer::take(const uint8_t* scratchpad) {
  uint8_t bits = 0;
  for (uint8_t i = 0; i < kScratchpad; ++i) bits |= scratchpad[i];
  // A line held low reads as zeros, whose checksum is right.
  if (bits == 0 || crc8(scratchpad, kScratchpad) != 0) return false;
  const int16_t raw = static_cast<int16_t>(scratchpad[0] | scratchpad[1] << 8);
  if (raw < kLowest || raw > kHighest) return false;
  if (raw == kPowerOn && !(known() && celsius_ > kNearPowerOn)) return false;
  celsius_ = static_cast<float>(raw) / 16.0f;
  fresh_.set(kFreshMs);
  return true;
}

void Thermometer::missed() { fresh_.set(0); }

void Thermometer::step(uint32_t elapsed_ms) { fresh_.step(elapsed_ms); }

void FanControl::step(const Thermometer& sensor, bool fitted) {
  if (!sensor.known()) {
    on_ = fitted;
    return;
  }
  if (sensor.celsius() >= kOn) on_ = true;
  if (sensor.celsius() <= kOff) on_ = false;
}

}  // namespace pvf
