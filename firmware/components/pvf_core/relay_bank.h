// All relays of a node, with what they forbid each other.
#pragma once

#include <stdint.h>

#include "limits.h"
#include "relay.h"

namespace pvf {

// What stands between the relays and their pins.
class RelayPins {
 public:
  virtual void set_relay(uint8_t index, bool on) = 0;
  // The pin, or the contact that follows the relay where there is one.
  virtual bool relay_is_on(uint8_t index) const = 0;

 protected:
  ~RelayPins() = default;
};

class RelayBank {
 public:
  // A node that was never configured has no relays that may be on.
  void begin(RelayPins& pins, const RelayLimits* limits, bool enabled,
             uint16_t most_power_w, PinReason reason);
  void command(uint8_t index, const RelayCommand& command);
  // Lets time pass; returns which relays moved, a bit each.
  uint8_t step(uint32_t elapsed_ms);
  // Switches everything off and keeps it off, as long as it is called with true.
  void inhibit(bool inhibited) { inhibited_ = inhibited; }

  const Relay& relay(uint8_t index) const { return relays_[index]; }
  // Relays whose pin does not follow, a bit each.
  uint8_t stuck() const { return stuck_; }
  bool any_on() const;

 private:
  bool allowed(uint8_t index) const;
  void watch_pins(uint32_t elapsed_ms);

  Relay relays_[kRelays];
  RelayPins* pins_;
  Countdown settle_[kRelays];
  uint16_t most_power_w_;
  uint8_t stuck_;
  bool enabled_;
  bool inhibited_;
};

}  // namespace pvf
