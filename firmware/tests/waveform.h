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
  // In counts: of the converter's middle, and of its noise.
  double bias = 0.0;
  double noise = 0.5;
};

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
      value = wave.volts * root * std::sin(angle) / double(config_.volts_per_count);
    } else {
      const uint8_t i = uint8_t(input - 1);
      const double lag = wave.lag_degrees[i] * M_PI / 180.0;
      value = std::sin(angle - lag) + wave.third_harmonic * std::sin(3 * (angle - lag));
      value *= wave.amperes[i] * root /
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
