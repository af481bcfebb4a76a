// One relay: on only while its lease lasts, and within its limits.
#pragma once

#include <stdint.h>

#include "countdown.h"
#include "limits.h"

namespace pvf {

constexpr uint16_t kLongestLease = 900;

// Plain, because it is stored as it is.
struct RelayLimits {
  uint16_t min_on_s;
  uint16_t min_off_s;
  uint16_t longest_lease_s;
  // Rated power of its load, 0 if unknown.
  uint16_t power_w;
  // Most starts in an hour, 1 to kStartsKept.
  uint8_t starts_per_hour;
  // Relays that must be off for this one to be on, a bit each from relay 1.
  uint8_t excludes;
};

// Words for them are in words.cpp.
enum class PinReason : uint8_t { command, lease, interlock, boot, watchdog, local };
enum class Outcome : uint8_t {
  none,
  done,
  dwell,
  starts,
  interlock,
  invalid,
  old,
  retained
};

// Value-initialised it is a command that was not understood.
struct RelayCommand {
  bool retained;
  // Whether number and direction were understood.
  bool valid;
  bool on;
  uint32_t sequence;
  // In s, 0 if it was missing or no whole number.
  uint32_t lease_s;
};

// Whether a counter that wraps is beyond another.
inline bool after(uint32_t number, uint32_t other) {
  return number != other && number - other < 0x80000000u;
}

class Relay {
 public:
  // Off, and for its shortest time off, because it may have been on before.
  void begin(const RelayLimits& limits, PinReason reason);

  // Does what a command says. `allowed` is false while something else forbids it.
  void command(const RelayCommand& command, bool allowed);
  // Lets time pass; returns whether it moved.
  bool step(uint32_t elapsed_ms);
  // Off at once, whatever its shortest time on.
  bool force_off(PinReason reason);

  bool on() const { return on_; }
  PinReason reason() const { return reason_; }
  Outcome outcome() const { return outcome_; }
  bool commanded() const { return commanded_; }
  uint32_t sequence() const { return sequence_; }
  uint32_t wait_s() const;
  uint32_t lease_s() const { return lease_.left() / 1000; }
  const RelayLimits& limits() const { return *limits_; }
  // Starts since the node started.
  uint16_t starts() const { return starts_; }

 private:
  void switch_on(uint32_t lease_s, bool allowed);
  void switch_off();
  void refuse(Outcome outcome, uint32_t wait_ms);
  void move(bool on, PinReason reason);
  uint8_t recent_starts() const;

  const RelayLimits* limits_;
  Countdown lease_;
  Countdown dwell_;
  Countdown wait_;
  uint32_t sequence_;
  // Seconds until each start of the last hour no longer counts.
  uint16_t recent_[kStartsKept];
  uint16_t millis_;
  uint16_t starts_;
  PinReason reason_;
  Outcome outcome_;
  bool on_;
  bool commanded_;
};

}  // namespace pvf
