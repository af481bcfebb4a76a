// Keeps hours over power cuts: a slot for each, found by its hour, so that a power cut
// in the middle of writing loses an hour that is two days old.
#pragma once

#include <stdint.h>

#include "hours.h"
#include "memory.h"

#if PVF_FULL

namespace pvf {

class HourLog {
 public:
  // A slot is the hour (12) and a CRC-16 (2).
  static constexpr uint8_t kSlotSize = sizeof(Hour) + 2;
  static constexpr uint16_t kSize = kKeptHours * kSlotSize;

  HourLog(Memory& memory, uint16_t address)
      : memory_(memory), address_(address), hour_(), index_(kSlotSize), clear_(0) {}

  // Gives back what was kept, the oldest first; never what is older than all slots.
  void load(Hours& hours) const;
  void save(const Hour& hour);
  void clear() { clear_ = kKeptHours; }
  // Writes the next byte if the memory takes it. Call it often.
  void step();

 private:
  uint16_t at(uint32_t start) const;
  bool read(uint16_t address, Hour& hour) const;

  Memory& memory_;
  const uint16_t address_;
  // What is being written, and how far.
  Hour hour_;
  uint8_t index_;
  // Slots that have still to be emptied.
  uint8_t clear_;
};

}  // namespace pvf

#endif
