// A time that is left. Counting down from how much time passed cannot wrap.
#pragma once

#include <stdint.h>

namespace pvf {

class Countdown {
 public:
  // In ms; 0 stops it.
  void set(uint32_t left) { left_ = left; }

  // Lets time pass; returns whether it just ran out.
  bool step(uint32_t elapsed) {
    if (left_ == 0) return false;
    left_ = elapsed < left_ ? left_ - elapsed : 0;
    return left_ == 0;
  }

  bool running() const { return left_ != 0; }
  uint32_t left() const { return left_; }
  uint32_t seconds_up() const { return (left_ + 999) / 1000; }

 private:
  uint32_t left_;
};

}  // namespace pvf
