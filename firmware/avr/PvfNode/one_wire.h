// Reads DS18B20 sensors, one on a pin of its own each, a bit in every step.
#pragma once

#include <stdint.h>

#include "node.h"

namespace pvf {

class SensorReader {
 public:
  // Does at most one slot of 70 us, or one reset; interrupts wait 15 us at most.
  void step(uint32_t now_ms, Node& node);

 private:
  enum class Stage : uint8_t { idle, convert, waiting, ask, read };

  bool send(uint8_t place, uint16_t commands);
  void next(uint32_t now_ms, Node& node, const uint8_t* scratchpad);

  Stage stage_ = Stage::idle;
  uint8_t place_ = 0;
  uint8_t bit_ = 0;
  uint32_t since_ms_ = 0;
  uint8_t scratchpad_[Thermometer::kScratchpad];
};

}  // namespace pvf
