// The pins of an Uno or a Mega 2560.
#pragma once

#include <stdint.h>

#include "board.h"

namespace pvf {

class AvrBoard final : public Board {
 public:
  // Everything off, before anything else happens.
  void begin();
  const Flash* model() const override;
  void set_relay(uint8_t index, bool on) override;
  bool relay_is_on(uint8_t index) const override;
#if PVF_FULL
  void set_fan(uint8_t index, bool on) override;
  void set_cleaning(const CleaningOutputs& outputs) override;
  void read_cleaning(CleaningInputs& inputs) const override;
#endif
};

}  // namespace pvf
