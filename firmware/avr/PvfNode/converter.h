// Samples the analog inputs in turn, one every period.
#pragma once

#include <stdint.h>

#include "sampler.h"

namespace pvf {

void converter_begin();
Sampler& converter();
// What the lowest bits of the first samples make: no two boards start alike.
uint32_t converter_noise();

}  // namespace pvf
