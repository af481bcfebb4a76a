// Sums up samples in the converter's interrupt: integers only, whole mains cycles.
#pragma once

#include <stdint.h>

#include "limits.h"

namespace pvf {

// The converter takes one sample of one input every period, in turn. A conversion takes
// up to 112 us on a board; what is left has to be enough for the longest interrupt.
constexpr uint32_t kSamplePeriodUs = 160;
constexpr uint8_t kInputs = 1 + kTransformers;
constexpr uint32_t kSetPeriodUs = kSamplePeriodUs * kInputs;
constexpr uint16_t kSetsPerSecond = static_cast<uint16_t>(1000000UL / kSetPeriodUs);
// A window without mains ends here.
constexpr uint16_t kLongestWindow = kSetsPerSecond + kSetsPerSecond / 10;
// Nothing more is added here, or a sum could reach 2^31.
constexpr uint16_t kMostSets = 8000;
constexpr int16_t kMidCode = 512;
constexpr int16_t kTopCode = 1023;

struct CurrentSums {
  int32_t current;
  uint32_t square;
  // Current times the voltage sampled just before it, and just after it.
  int32_t before;
  int32_t after;
};

// What one window of about a second adds up to, in converter counts.
struct Window {
  uint16_t sets;
  uint8_t cycles;
  // Whether voltage crossings bound it.
  bool on_mains;
  // Inputs that reached an end of the converter's range, a bit each from the voltage.
  uint8_t clipped;
  // The voltages around the crossing that ended it.
  int16_t below;
  int16_t above;
  int32_t voltage;
  uint32_t voltage_square;
  CurrentSums currents[kTransformers];
};

// One for as long as the program runs: what is not set begins as zero.
class Sampler {
 public:
  // Takes the next sample; `input` 0 is the voltage. Called from the interrupt.
  inline void add(uint8_t input, int16_t code) {
    Window& sums = windows_[filling_];
    if (code <= 0 || code >= kTopCode) sums.clipped |= static_cast<uint8_t>(1u << input);
    const int16_t value = static_cast<int16_t>(code - kMidCode);
    if (input == 0) {
      add_voltage(sums, value);
    } else {
      add_current(sums, static_cast<uint8_t>(input - 1), value);
    }
  }

  // The window that is complete, nullptr if none is; it stays as it is until released.
  const Window* ready() const {
    if (!ready_) return nullptr;
    // What the interrupt wrote before is read after.
    __asm__ __volatile__("" ::: "memory");
    return &windows_[filling_ ^ 1u];
  }
  void release() {
    windows_[filling_ ^ 1u] = Window();
    __asm__ __volatile__("" ::: "memory");
    ready_ = false;
  }
  // Grows with every set, so that a watchdog sees that the converter lives.
  uint8_t heartbeat() const { return heartbeat_; }

 private:
  static constexpr int16_t kHysteresis = 16;

  inline void add_voltage(Window& window, int16_t value) {
    ++heartbeat_;
    Window* sums = &window;
    const bool crossing = armed_ && value >= 0;
    if (value < -kHysteresis) armed_ = true;
    if (crossing) {
      armed_ = false;
      ++sums->cycles;
    }
    if (crossing && !started_on_mains_) {
      // A window begins where the mains do.
      *sums = Window();
      started_on_mains_ = true;
    }
    // While the window before is still being read, this one grows.
    const bool full = (crossing && sums->sets >= kSetsPerSecond) ||
                      sums->sets >= kLongestWindow;
    if (full && !ready_) {
      sums->on_mains = crossing && started_on_mains_;
      sums->below = voltage_;
      sums->above = value;
      started_on_mains_ = crossing;
      filling_ ^= 1u;
      ready_ = true;
      sums = &windows_[filling_];
    }
    voltage_ = value;
    if (sums->sets >= kMostSets) return;
    sums->voltage += value;
    sums->voltage_square += static_cast<uint32_t>(static_cast<int32_t>(value) * value);
    ++sums->sets;
  }

  inline void add_current(Window& window, uint8_t index, int16_t value) {
    if (window.sets >= kMostSets) return;
    CurrentSums& sums = window.currents[index];
    sums.current += value;
    sums.square += static_cast<uint32_t>(static_cast<int32_t>(value) * value);
    sums.before += static_cast<int32_t>(value) * voltage_;
    sums.after += static_cast<int32_t>(previous_[index]) * voltage_;
    previous_[index] = value;
  }

  Window windows_[2];
  int16_t previous_[kTransformers];
  int16_t voltage_;
  uint8_t filling_;
  volatile bool ready_;
  volatile uint8_t heartbeat_;
  bool armed_;
  bool started_on_mains_;
};

}  // namespace pvf
