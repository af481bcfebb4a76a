// Turns the sums of a window into volts, amperes and watts.
#pragma once

#include <stdint.h>

#include "config.h"
#include "limits.h"
#include "sampler.h"

namespace pvf {

struct ChannelValues {
  float watts;
  // Positive where the current lags.
  float vars;
  float amperes;
};

// A window in physical units.
struct MeterValues {
  // Whether there is a voltage; without one, watts are amperes times an assumed
  // voltage: without sign, and an estimate.
  bool voltage_present;
  uint8_t clipped;
  float volts;
  float hertz;
  uint32_t span_us;
  ChannelValues channels[kTransformers];
};

class Meter {
 public:
  static constexpr float kAssumedVolts = 230.0f;
  // Below this the voltage input is cut off, or the mains are.
  static constexpr float kLeastVolts = 60.0f;

  void reduce(const Window& window, const Config& config, MeterValues& out);
  // Takes the converter's noise out of powers that are otherwise steady, once energy
  // has been counted: a running mean, from anew at every real change.
  void steady(MeterValues& values);

 private:
  // How many sets a window spans, to the fraction: from crossing to crossing.
  float span(const Window& window);

  // How far after the crossing the window began, in sets.
  float start_;
  float means_[kTransformers];
  uint8_t windows_[kTransformers];
};

}  // namespace pvf
