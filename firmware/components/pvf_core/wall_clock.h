// The node's idea of Unix time, unknown until somebody tells it.
#pragma once

#include <stdint.h>

namespace pvf {

// No node is older: a time before this is no time.
constexpr uint32_t kEarliestTime = 1577836800;

class WallClock {
 public:
  bool known() const { return known_; }
  // Unix time in s (UTC).
  uint32_t seconds() const { return seconds_; }

  void step(uint32_t elapsed_ms) {
    millis_ += elapsed_ms;
    seconds_ += millis_ / 1000;
    millis_ %= 1000;
  }

  // Returns by how many seconds the clock was moved, 0 where it was not known.
  int32_t set(uint32_t seconds, uint16_t millis = 0) {
    const int32_t moved = known_ ? static_cast<int32_t>(seconds - seconds_) : 0;
    known_ = true;
    seconds_ = seconds;
    millis_ = millis;
    return moved;
  }

 private:
  bool known_;
  uint32_t seconds_;
  uint32_t millis_;
};

}  // namespace pvf
