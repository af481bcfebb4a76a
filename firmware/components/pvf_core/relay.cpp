#include "relay.h"

namespace pvf {

namespace {

constexpr uint16_t kHour = 3600;

}  // namespace

void Relay::begin(const RelayLimits& limits, PinReason reason) {
  limits_ = &limits;
  on_ = false;
  reason_ = reason;
  lease_.set(0);
  dwell_.set(limits.min_off_s * 1000UL);
}

void Relay::command(const RelayCommand& command, bool allowed) {
  if (!command.valid) {
    outcome_ = Outcome::invalid;
    return;
  }
  wait_.set(0);
  if (command.retained) {
    outcome_ = Outcome::retained;
    return;
  }
  if (commanded_ && !after(command.sequence, sequence_)) {
    outcome_ = Outcome::old;
    return;
  }
  commanded_ = true;
  sequence_ = command.sequence;
  if (command.on) {
    switch_on(command.lease_s, allowed);
  } else {
    switch_off();
  }
}

void Relay::switch_on(uint32_t lease_s, bool allowed) {
  if (lease_s == 0 || lease_s > kLongestLease) {
    refuse(Outcome::invalid, 0);
    return;
  }
  if (!allowed) {
    refuse(Outcome::interlock, 0);
    return;
  }
  if (!on_) {
    if (dwell_.running()) {
      refuse(Outcome::dwell, dwell_.left());
      return;
    }
    if (recent_starts() >= limits_->starts_per_hour) {
      uint16_t first = kHour;
      for (uint16_t left : recent_) {
        if (left != 0 && left < first) first = left;
      }
      refuse(Outcome::starts, first * 1000UL);
      return;
    }
    uint8_t free = 0;
    while (free + 1 < kStartsKept && recent_[free] != 0) ++free;
    recent_[free] = kHour;
    ++starts_;
    move(true, PinReason::command);
    dwell_.set(limits_->min_on_s * 1000UL);
  }
  const uint32_t longest = limits_->longest_lease_s;
  lease_.set((lease_s < longest ? lease_s : longest) * 1000UL);
  outcome_ = Outcome::done;
}

void Relay::switch_off() {
  if (on_ && dwell_.running()) {
    refuse(Outcome::dwell, dwell_.left());
    return;
  }
  force_off(PinReason::command);
  outcome_ = Outcome::done;
}

bool Relay::step(uint32_t elapsed_ms) {
  dwell_.step(elapsed_ms);
  wait_.step(elapsed_ms);
  uint32_t passed = elapsed_ms + millis_;
  millis_ = static_cast<uint16_t>(passed % 1000);
  passed /= 1000;
  if (passed != 0) {
    for (uint16_t& left : recent_) {
      left = passed < left ? static_cast<uint16_t>(left - passed) : 0;
    }
  }
  if (!lease_.step(elapsed_ms)) return false;
  return force_off(PinReason::lease);
}

bool Relay::force_off(PinReason reason) {
  if (!on_) return false;
  move(false, reason);
  lease_.set(0);
  dwell_.set(limits_->min_off_s * 1000UL);
  return true;
}

uint32_t Relay::wait_s() const { return wait_.seconds_up(); }

void Relay::refuse(Outcome outcome, uint32_t wait_ms) {
  outcome_ = outcome;
  wait_.set(wait_ms);
}

void Relay::move(bool on, PinReason reason) {
  on_ = on;
  reason_ = reason;
}

uint8_t Relay::recent_starts() const {
  uint8_t count = 0;
  for (uint16_t left : recent_) count = static_cast<uint8_t>(count + (left != 0));
  return count;
}

}  // namespace pvf
