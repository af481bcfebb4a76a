// Keeps one record in a ring of slots: the newest whole slot counts, so that a power
// cut in the middle of writing loses that writing only.
#pragma once

#include <stdint.h>

#include "memory.h"

namespace pvf {

class Ring {
 public:
  // A slot is a number (2), the record and a CRC-16 (2).
  static constexpr uint16_t slot_size(uint16_t record) {
    return static_cast<uint16_t>(record + 4);
  }

  Ring(Memory& memory, uint16_t address, uint16_t record_size, uint8_t slots)
      : memory_(memory),
        address_(address),
        size_(record_size),
        slots_(slots),
        slot_(0),
        number_(0),
        index_(0),
        crc_(0),
        record_(nullptr) {}

  // Reads the newest record; returns whether there is one.
  bool load(void* record);

  // Starts writing a record, which must not change until it is written.
  void save(const void* record);
  // Writes the next byte if the memory takes it. Call it often.
  void step();
  bool busy() const { return record_ != nullptr; }
  // Writes all that is left.
  void finish();

 private:
  uint16_t at(uint8_t slot) const {
    return static_cast<uint16_t>(address_ + slot * slot_size(size_));
  }
  bool valid(uint8_t slot, uint16_t& number) const;
  uint8_t byte_of(uint16_t index) const;

  Memory& memory_;
  const uint16_t address_;
  const uint16_t size_;
  const uint8_t slots_;
  uint8_t slot_;
  uint16_t number_;
  uint16_t index_;
  uint16_t crc_;
  const uint8_t* record_;
};

}  // namespace pvf
