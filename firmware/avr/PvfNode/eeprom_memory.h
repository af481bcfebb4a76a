// The memory that survives power cuts: the chip's own.
#pragma once

#include <avr/eeprom.h>

#include "memory.h"

namespace pvf {

class EepromMemory final : public Memory {
 public:
  uint8_t read(uint16_t address) const override {
    return eeprom_read_byte(reinterpret_cast<const uint8_t*>(address));
  }
  void write(uint16_t address, uint8_t value) override {
    eeprom_update_byte(reinterpret_cast<uint8_t*>(address), value);
  }
  bool ready() const override { return eeprom_is_ready(); }
};

}  // namespace pvf
