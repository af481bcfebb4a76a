#include "limits.h"
#if PVF_FULL

#include <avr/io.h>
#include <string.h>
#include <util/atomic.h>
#include <util/delay.h>

#include "one_wire.h"

namespace pvf {

namespace {

// To all devices on the pin, there is only one: convert, or send the scratchpad.
constexpr uint16_t kConvert = 0x44CC;
constexpr uint16_t kRead = 0xBECC;
constexpr uint8_t kBits = 16;
constexpr uint32_t kConversionMs = 800;
constexpr uint32_t kPauseMs = 2000;

// Port F bits 4 to 7: module, busbar, air and cabinet on A4 to A7.
uint8_t mask_of(uint8_t place) { return static_cast<uint8_t>(0x10u << place); }

void low(uint8_t mask) { DDRF |= mask; }
void release(uint8_t mask) { DDRF &= static_cast<uint8_t>(~mask); }
bool level(uint8_t mask) { return (PINF & mask) != 0; }

// Returns whether a device answered.
bool reset(uint8_t mask) {
  low(mask);
  _delay_us(500);
  bool present;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { release(mask); }
  _delay_us(70);
  present = !level(mask);
  _delay_us(430);
  return present;
}

void write_bit(uint8_t mask, bool one) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    low(mask);
    _delay_us(6);
    if (one) release(mask);
  }
  _delay_us(64);
  release(mask);
  _delay_us(5);
}

bool read_bit(uint8_t mask) {
  bool one = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    low(mask);
    _delay_us(2);
    release(mask);
    _delay_us(8);
    one = level(mask);
  }
  _delay_us(60);
  return one;
}

}  // namespace

bool SensorReader::send(uint8_t place, uint16_t commands) {
  if (bit_ == 0 && !reset(mask_of(place))) return false;
  write_bit(mask_of(place), (commands >> bit_ & 1) != 0);
  ++bit_;
  return true;
}

void SensorReader::next(uint32_t now_ms, Node& node, const uint8_t* scratchpad) {
  node.temperature(static_cast<SensorPlace>(place_), scratchpad);
  place_ = static_cast<uint8_t>((place_ + 1) % kSensors);
  stage_ = Stage::idle;
  since_ms_ = now_ms;
}

void SensorReader::step(uint32_t now_ms, Node& node) {
  switch (stage_) {
    case Stage::idle:
      if (now_ms - since_ms_ < kPauseMs) return;
      bit_ = 0;
      if ((node.state().config.sensors & (1u << place_)) == 0) {
        next(now_ms, node, nullptr);
      } else {
        stage_ = Stage::convert;
      }
      return;
    case Stage::convert:
      if (!send(place_, kConvert)) {
        next(now_ms, node, nullptr);
      } else if (bit_ == kBits) {
        stage_ = Stage::waiting;
        since_ms_ = now_ms;
      }
      return;
    case Stage::waiting:
      if (now_ms - since_ms_ < kConversionMs) return;
      stage_ = Stage::ask;
      bit_ = 0;
      return;
    case Stage::ask:
      if (!send(place_, kRead)) {
        next(now_ms, node, nullptr);
      } else if (bit_ == kBits) {
        stage_ = Stage::read;
        bit_ = 0;
        memset(scratchpad_, 0, sizeof(scratchpad_));
      }
      return;
    case Stage::read:
      if (read_bit(mask_of(place_))) {
        scratchpad_[bit_ / 8] = static_cast<uint8_t>(scratchpad_[bit_ / 8] |
                                                     1u << (bit_ % 8));
      }
      if (++bit_ == 8 * Thermometer::kScratchpad) next(now_ms, node, scratchpad_);
  }
}

}  // namespace pvf

#endif
