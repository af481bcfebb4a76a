// Temperatures of DS18B20 sensors and the fan that follows them.
#pragma once

#include <stdint.h>

#include "countdown.h"
#include "limits.h"

namespace pvf {

enum SensorPlace : uint8_t { kModule, kBusbar, kAmbient, kCabinet };

// Above these, in degrees Celsius, a node warns.
constexpr float kBusbarLimit = 70.0f;
constexpr float kModuleLimit = 85.0f;

class Thermometer {
 public:
  static constexpr uint8_t kScratchpad = 9;

  // Takes what a sensor sent; returns whether it was a temperature.
  bool take(const uint8_t* scratchpad);
  // The sensor did not answer, or not in time.
  void missed();
  void step(uint32_t elapsed_ms);

  // Whether there is a temperature of the last minute.
  bool known() const { return fresh_.running(); }
  // In degrees Celsius.
  float celsius() const { return celsius_; }

 private:
  Countdown fresh_;
  float celsius_;
};

class FanControl {
 public:
  static constexpr float kOn = 45.0f;
  static constexpr float kOff = 40.0f;

  // On when it is hot, and on when a sensor that is fitted does not say how hot.
  void step(const Thermometer& sensor, bool fitted);
  bool on() const { return on_; }

 private:
  bool on_;
};

}  // namespace pvf
