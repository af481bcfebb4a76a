// A small memory that survives power cuts, written byte by byte.
#pragma once

#include <stdint.h>

namespace pvf {

class Memory {
 public:
  virtual uint8_t read(uint16_t address) const = 0;
  // Called only when ready; a byte may be half written if the power goes.
  virtual void write(uint16_t address, uint8_t value) = 0;
  virtual bool ready() const = 0;

 protected:
  ~Memory() = default;
};

}  // namespace pvf
