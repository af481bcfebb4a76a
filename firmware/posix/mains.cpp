#include "mains.h"

#include <cmath>

#include "flows.h"

namespace pvf {

namespace {

constexpr double kHertz = 50.0;
constexpr double kMiddle = 512.0;

}  // namespace

Mains::Mains() {
  for (unsigned i = 0; i < kSteps; ++i) {
    sine_[i] = static_cast<float>(std::sin(2.0 * M_PI * i / kSteps));
  }
}

void Mains::set(double production, double consumption) {
  watts_[kProduction - 1] = production;
  watts_[kConsumption - 1] = consumption;
  watts_[kExchange - 1] = consumption - production;
}

void Mains::play(Sampler& sampler, const Config& config, uint32_t ms) {
  double peaks[kInputs];
  peaks[0] = volts_ * std::sqrt(2.0) / static_cast<double>(config.volts_per_count);
  for (uint8_t i = 0; i < kTransformers; ++i) {
    const TransformerConfig& transformer = config.transformers[i];
    const uint8_t channel = transformer.channel;
    const double watts = channel >= 1 && channel <= 3 ? watts_[channel - 1] : 0.0;
    peaks[i + 1] = watts / 230.0 * std::sqrt(2.0) /
                   static_cast<double>(transformer.amperes_per_count);
  }
  const double step = kHertz * kSamplePeriodUs * 1e-6 * kSteps;
  rest_us_ += ms * 1000;
  for (; rest_us_ >= kSamplePeriodUs; rest_us_ -= kSamplePeriodUs) {
    random_ = random_ * 1664525u + 1013904223u;
    // As wide as one count, so that nothing hides between two codes.
    const double dither = static_cast<double>(random_) / 4294967296.0;
    const double value =
        kMiddle + peaks[input_] * static_cast<double>(
                                      sine_[static_cast<unsigned>(phase_) % kSteps]);
    sampler.add(input_, static_cast<int16_t>(std::floor(value + dither)));
    input_ = static_cast<uint8_t>((input_ + 1) % kInputs);
    phase_ += step;
    if (phase_ >= kSteps) phase_ -= kSteps;
  }
}

}  // namespace pvf
