// What a node warns of: told on every change, and again while it lasts.
#pragma once

#include <stdint.h>

#include "countdown.h"

namespace pvf {

// Words for them are in words.cpp.
enum class AlarmCode : uint8_t {
  adc,
  busbar_hot,
  cleaning,
  configuration,
  mains,
  module_hot,
  overload,
  relay_stuck,
  sensor,
  watchdog
};
constexpr uint8_t kAlarmCodes = 10;

class Alarms {
 public:
  void set(AlarmCode code, bool active);
  bool active(AlarmCode code) const { return (active_ & bit_of(code)) != 0; }
  // Lets time pass: what lasts is due again every minute.
  void step(uint32_t elapsed_ms);
  // Everything that is active is due, for a listener that just came.
  void repeat() { due_ |= active_; }

  bool due() const { return due_ != 0; }
  AlarmCode next() const;
  void sent(AlarmCode code) { due_ = static_cast<uint16_t>(due_ & ~bit_of(code)); }

 private:
  static uint16_t bit_of(AlarmCode code) {
    return static_cast<uint16_t>(1u << static_cast<uint8_t>(code));
  }

  uint16_t active_;
  uint16_t due_;
  Countdown repeat_;
};

}  // namespace pvf
