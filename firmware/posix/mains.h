// A synthetic front end: samples of a house's mains, as the converter would see them.
#pragma once

#include <cstdint>

#include "config.h"
#include "sampler.h"

namespace pvf {

class Mains {
 public:
  Mains();

  // In W; the exchange is what is left.
  void set(double production, double consumption);
  // Whether the voltage input is plugged in.
  void set_voltage(bool present) { volts_ = present ? 230.0 : 0.0; }
  // Plays the samples of a time in ms.
  void play(Sampler& sampler, const Config& config, uint32_t ms);

 private:
  static constexpr unsigned kSteps = 4096;

  double volts_ = 230.0;
  double watts_[kTransformers] = {};
  float sine_[kSteps];
  double phase_ = 0.0;
  uint32_t random_ = 1;
  uint8_t input_ = 0;
  // Time that was too short for another sample.
  uint32_t rest_us_ = 0;
};

}  // namespace pvf
