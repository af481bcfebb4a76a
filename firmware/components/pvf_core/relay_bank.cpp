#include "relay_bank.h"

namespace pvf {

namespace {

// How long a contact may take to follow its coil.
constexpr uint32_t kSettleMs = 1000;

}  // namespace

void RelayBank::begin(RelayPins& pins, const RelayLimits* limits, bool enabled,
                      uint16_t most_power_w, PinReason reason) {
  pins_ = &pins;
  enabled_ = enabled;
  most_power_w_ = most_power_w;
  for (uint8_t i = 0; i < kRelays; ++i) {
    relays_[i].begin(limits[i], reason);
    pins_->set_relay(i, false);
    settle_[i].set(kSettleMs);
  }
}

void RelayBank::command(uint8_t index, const RelayCommand& command) {
  if (index >= kRelays) return;
  Relay& relay = relays_[index];
  const bool was_on = relay.on();
  relay.command(command, allowed(index));
  if (relay.on() != was_on) {
    pins_->set_relay(index, relay.on());
    settle_[index].set(kSettleMs);
  }
}

bool RelayBank::allowed(uint8_t index) const {
  if (!enabled_ || inhibited_) return false;
  uint32_t power = relays_[index].limits().power_w;
  for (uint8_t i = 0; i < kRelays; ++i) {
    if (i == index || !relays_[i].on()) continue;
    const bool apart = (relays_[index].limits().excludes & (1u << i)) != 0 ||
                       (relays_[i].limits().excludes & (1u << index)) != 0;
    if (apart) return false;
    power += relays_[i].limits().power_w;
  }
  return most_power_w_ == 0 || power <= most_power_w_;
}

uint8_t RelayBank::step(uint32_t elapsed_ms) {
  watch_pins(elapsed_ms);
  uint8_t moved = 0;
  for (uint8_t i = 0; i < kRelays; ++i) {
    bool off = relays_[i].step(elapsed_ms);
    if (inhibited_) off = relays_[i].force_off(PinReason::interlock) || off;
    if (!off) continue;
    moved = static_cast<uint8_t>(moved | (1u << i));
    settle_[i].set(kSettleMs);
  }
  // Written anew each time: a disturbed port register is put right.
  for (uint8_t i = 0; i < kRelays; ++i) pins_->set_relay(i, relays_[i].on());
  return moved;
}

void RelayBank::watch_pins(uint32_t elapsed_ms) {
  for (uint8_t i = 0; i < kRelays; ++i) {
    const uint8_t bit = static_cast<uint8_t>(1u << i);
    if (pins_->relay_is_on(i) == relays_[i].on()) {
      settle_[i].set(kSettleMs);
      stuck_ = static_cast<uint8_t>(stuck_ & ~bit);
    } else if (settle_[i].step(elapsed_ms)) {
      stuck_ = static_cast<uint8_t>(stuck_ | bit);
    }
  }
}

bool RelayBank::any_on() const {
  for (const Relay& relay : relays_) {
    if (relay.on()) return true;
  }
  return false;
}

}  // namespace pvf
