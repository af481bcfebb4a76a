// What a board does for a node.
#pragma once

#include <stdint.h>

#include "cleaning.h"
#include "flash_text.h"
#include "relay_bank.h"

namespace pvf {

class Board : public RelayPins {
 public:
  virtual const Flash* model() const = 0;
#if PVF_FULL
  virtual void set_fan(uint8_t index, bool on) = 0;
  virtual void set_cleaning(const CleaningOutputs& outputs) = 0;
  // Switches and sensors of the robot; air, panel and link are the node's.
  virtual void read_cleaning(CleaningInputs& inputs) const = 0;
#endif

 protected:
  ~Board() = default;
};

}  // namespace pvf
