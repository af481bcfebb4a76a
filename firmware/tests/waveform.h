// Synthetic mains for the sampler: what an analog front end would show the converter.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

#include "config.h"
#include "meter.h"
#include "sampler.h"

namespace pvf_test {

struct Wave {
  double hertz = 50.0;
  double volts = 230.0;
  double amperes[pvf::kTransformers] = {};
  // Positive where the current lags.
  double lag_degrees[pvf::kTransformers] = {};
  double third_harmonic = 0.0;
  // Of each half wave, what a dimmer holds back at its beginning.
  double cut_degrees = 0.0;
  // A rectifier with a capacitor takes a pulse this wide around each crest; 0 for none.
  double pulse_degrees = 0.0;
  // Of the voltage, which flattens its crests.
  double fifth_harmonic = 0.0;
  // In counts: of the converter's middle, and of its noise.
  double bias = 0.0;
  double noise = 0.5;
};

// Both as multiples of their fundamental's peak, at an angle of the voltage.
inline double voltage_shape(const Wave& wave, double angle) {
  return std::sin(angle) + wave.fifth_harmonic * std::sin(5.0 * angle);
}

inline double current_shape(const Wave& wave, uint8_t transformer, double angle) {
  const double own = angle - wave.lag_degrees[transformer] * M_PI / 180.0;
  const double half = own - std::floor(own / M_PI) * M_PI;
  if (half < wave.cut_degrees * M_PI / 180.0) return 0.0;
  if (wave.pulse_degrees > 0.0) {
    const double width = wave.pulse_degrees * M_PI / 180.0;
    const double off = half - M_PI / 2.0;
    if (std::fabs(off) >= width / 2.0) return 0.0;
    return std::copysign(std::cos(off * M_PI / width), std::sin(own));
  }
  return std::sin(own) + wave.third_harmonic * std::sin(3.0 * own);
}

// What a perfect meter would say of a wave: mean power and apparent power.
struct Truth {
  double watts = 0.0;
  double apparent = 0.0;
};

inline Truth truth(const Wave& wave, uint8_t transformer) {
  constexpr int kSteps = 100000;
  double power = 0.0, volts = 0.0, amperes = 0.0;
  for (int i = 0; i < kSteps; ++i) {
    const double angle = 2.0 * M_PI * (i + 0.5) / kSteps;
    const double v = wave.volts * std::sqrt(2.0) * voltage_shape(wave, angle);
    const double a = wave.amperes[transformer] * std::sqrt(2.0) *
                     current_shape(wave, transformer, angle);
    power += v * a / kSteps;
    volts += v * v / kSteps;
    amperes += a * a / kSteps;
  }
  return {power, std::sqrt(volts * amperes)};
}

// Plays a wave into a sampler, one sample every period.
class Player {
 public:
  Player() { config_.set_defaults(1); }

  const pvf::Config& config() const { return config_; }
  pvf::Config& config() { return config_; }

  // Samples until `count` windows are complete; returns the last.
  pvf::MeterValues play(const Wave& wave, int count = 2) {
    pvf::MeterValues values{};
    while (count > 0) {
      sample(wave);
      if (const pvf::Window* window = sampler_.ready()) {
        meter_.reduce(*window, config_, values);
        sampler_.release();
        --count;
      }
    }
    return values;
  }

  int16_t code(const Wave& wave, uint8_t input) {
    const double root = std::sqrt(2.0);
    const double angle = phase_ * 2.0 * M_PI;
    double value = 0.0;
    if (input == 0) {
      value = wave.volts * root * voltage_shape(wave, angle) /
              double(config_.volts_per_count);
    } else {
      const uint8_t i = uint8_t(input - 1);
      value = current_shape(wave, i, angle) * wave.amperes[i] * root /
               double(config_.transformers[i].amperes_per_count);
    }
    value += 512.0 + wave.bias + normal_(random_) * wave.noise;
    return int16_t(std::fmin(1023.0, std::fmax(0.0, std::round(value))));
  }

  void sample(const Wave& wave) {
    sampler_.add(input_, code(wave, input_));
    input_ = uint8_t((input_ + 1) % pvf::kInputs);
    phase_ += wave.hertz * pvf::kSamplePeriodUs * 1e-6;
    phase_ -= std::floor(phase_);
  }

  pvf::Sampler& sampler() { return sampler_; }

 private:
  pvf::Config config_;
  pvf::Sampler sampler_{};
  pvf::Meter meter_{};
  uint8_t input_ = 0;
  double phase_ = 0.1;
  std::mt19937 random_{1};
  std::normal_distribution<double> normal_;
};

}  // namespace pvf_test
