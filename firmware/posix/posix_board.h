// A board that is no more than memory.
#pragma once

#include <cstdint>

#include "board.h"

namespace pvf {

class PosixBoard final : public Board {
 public:
  const Flash* model() const override { return PVF_F("Posix"); }
  void set_relay(uint8_t index, bool on) override { relays_[index] = on; }
  bool relay_is_on(uint8_t index) const override { return relays_[index]; }
  void set_fan(uint8_t, bool) override {}
  void set_cleaning(const CleaningOutputs&) override {}
  // No robot is there: every wire is open, which says stop.
  void read_cleaning(CleaningInputs& inputs) const override {
    inputs.stop = inputs.tank_low = true;
  }

 private:
  bool relays_[kRelays] = {};
};

}  // namespace pvf
