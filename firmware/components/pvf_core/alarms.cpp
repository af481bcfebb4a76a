#include "alarms.h"

namespace pvf {

namespace {

constexpr uint32_t kRepeatMs = 60000;

}  // namespace

void Alarms::set(AlarmCode code, bool active) {
  if (this->active(code) == active) return;
  active_ = static_cast<uint16_t>(active_ ^ bit_of(code));
  due_ = static_cast<uint16_t>(due_ | bit_of(code));
}

void Alarms::step(uint32_t elapsed_ms) {
  if (repeat_.running()) {
    if (repeat_.step(elapsed_ms)) repeat();
    return;
  }
  repeat_.set(kRepeatMs);
}

AlarmCode Alarms::next() const {
  uint8_t code = 0;
  while (code + 1 < kAlarmCodes && (due_ & (1u << code)) == 0) ++code;
  return static_cast<AlarmCode>(code);
}

}  // namespace pvf
