#include "meter.h"

#include <math.h>

namespace pvf {

namespace {

constexpr float kPi = 3.14159265f;
constexpr float kNominalHertz = 50.0f;
// Noise of one window is half a watt at 50 A of full scale: this much is a change.
constexpr float kChangeWatts = 4.0f;
// A mean over this many has a quarter of the noise of one.
constexpr uint8_t kMeanWindows = 8;

float root_above(float square, float floor) {
  return square > floor ? sqrtf(square - floor) : 0.0f;
}

}  // namespace

float Meter::span(const Window& window) {
  const float step = static_cast<float>(window.above - window.below);
  const float end = step > 0.0f ? static_cast<float>(window.above) / step : 0.0f;
  const float sets = static_cast<float>(window.sets);
  // At a crossing the voltage is nothing, so that what is cut off has no power.
  const float exact = window.on_mains ? sets + start_ - end : sets;
  start_ = end;
  return exact;
}

void Meter::reduce(const Window& window, const Config& config, MeterValues& out) {
  const float sets = span(window);
  const float span_us = sets * static_cast<float>(kSetPeriodUs);
  out.clipped = window.clipped;
  out.span_us = static_cast<uint32_t>(span_us);
  if (!(sets >= 1.0f)) return;
  const float hertz = static_cast<float>(window.cycles) * 1e6f / span_us;

  const float mean_v = static_cast<float>(window.voltage) / sets;
  const float square_v = static_cast<float>(window.voltage_square) / sets;
  const float volts_per_count = config.volts_per_count * config.voltage_gain;
  out.volts = root_above(square_v, mean_v * mean_v) * volts_per_count;
  out.voltage_present = config.voltage_input && window.on_mains &&
                        out.volts >= kLeastVolts && hertz > 40.0f && hertz < 70.0f;
  out.hertz = hertz;
  if (!out.voltage_present) out.volts = out.hertz = 0.0f;

  const float omega = 2.0f * kPi * 1e-6f * (out.voltage_present ? hertz : kNominalHertz);
  const float set_angle = omega * static_cast<float>(kSetPeriodUs);
  for (uint8_t i = 0; i < kTransformers; ++i) {
    const CurrentSums& sums = window.currents[i];
    const TransformerConfig& transformer = config.transformers[i];
    ChannelValues& values = out.channels[i];
    const float scale = transformer.amperes_per_count * transformer.gain;
    const float mean_i = static_cast<float>(sums.current) / sets;
    const float square_i = static_cast<float>(sums.square) / sets;
    values.amperes = root_above(square_i, mean_i * mean_i + config.noise) * scale;
    values.watts = values.amperes * kAssumedVolts;
    values.vars = 0.0f;
    if (!out.voltage_present) continue;
    // The voltage was sampled `angle` before the current and again after it. Two
    // products give real and reactive power as if both had been sampled at once,
    // and turned by the phase error of the transformer.
    const float turn = transformer.phase_degrees * (kPi / 180.0f);
    const float angle = omega * static_cast<float>(kSamplePeriodUs * (i + 1u));
    const float offset = mean_i * mean_v;
    const float factor = scale * volts_per_count / sinf(set_angle);
    const float before = (static_cast<float>(sums.before) / sets - offset) * factor;
    const float after = (static_cast<float>(sums.after) / sets - offset) * factor;
    const float late = angle + turn;
    const float early = set_angle - late;
    values.watts = before * sinf(early) + after * sinf(late) - transformer.zero_w;
    values.vars = before * cosf(early) - after * cosf(late);
  }
}

void Meter::steady(MeterValues& values) {
  for (uint8_t i = 0; i < kTransformers; ++i) {
    float& watts = values.channels[i].watts;
    const float change = watts - means_[i];
    if (!(fabsf(change) < kChangeWatts)) windows_[i] = 0;
    if (windows_[i] < kMeanWindows) ++windows_[i];
    watts = means_[i] += change / windows_[i];
  }
}

}  // namespace pvf
