#include "flows.h"

#include "registers.h"

namespace pvf {

uint8_t transformer_of(const Config& config, uint8_t channel) {
  for (uint8_t i = 0; i < kTransformers; ++i) {
    if (config.transformers[i].channel == channel) return i;
  }
  return kNoTransformer;
}

namespace {

// The two flows whose balance a channel is.
uint8_t first_part(uint8_t channel) {
  return channel == kProduction ? kConsumption : kProduction;
}

uint8_t second_part(uint8_t channel) {
  return channel == kExchange ? kConsumption : kExchange;
}

bool known(const Config& config, uint8_t channel) {
  return transformer_of(config, channel) != kNoTransformer ||
         (transformer_of(config, first_part(channel)) != kNoTransformer &&
          transformer_of(config, second_part(channel)) != kNoTransformer);
}

}  // namespace

bool total_known(const Config& config, uint8_t total) {
  return config.voltage_input && known(config, total == kProduced   ? kProduction
                                               : total == kConsumed ? kConsumption
                                                                    : kExchange);
}

Flow flow_of(const Config& config, const MeterValues& values, uint8_t channel) {
  Flow flow{};
  const uint8_t direct = transformer_of(config, channel);
  if (direct != kNoTransformer) {
    flow.known = true;
    flow.watts = values.channels[direct].watts;
    return flow;
  }
  // Amperes without a voltage have no sign, so that nothing can be balanced.
  if (!values.voltage_present || !known(config, channel)) return flow;
  const float a = values.channels[transformer_of(config, first_part(channel))].watts;
  const float b = values.channels[transformer_of(config, second_part(channel))].watts;
  flow.known = true;
  // Consumption is production and exchange together.
  flow.watts = channel == kConsumption ? a + b : channel == kExchange ? b - a : a - b;
  return flow;
}

}  // namespace pvf
