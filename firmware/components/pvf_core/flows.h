// The house's three flows out of what the transformers measure.
#pragma once

#include <stdint.h>

#include "config.h"
#include "meter.h"

namespace pvf {

constexpr uint8_t kNoTransformer = 0xFF;

enum Channel : uint8_t { kProduction = 1, kConsumption = 2, kExchange = 3 };

struct Flow {
  bool known;
  float watts;
};

// Which transformer measures a channel, kNoTransformer if none does.
uint8_t transformer_of(const Config& config, uint8_t channel);

// A flow that is measured, or the balance of the two others.
Flow flow_of(const Config& config, const MeterValues& values, uint8_t channel);

// Whether a register of the house can be counted at all.
bool total_known(const Config& config, uint8_t total);

}  // namespace pvf
