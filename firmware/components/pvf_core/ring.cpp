#include "ring.h"

#include "crc.h"

namespace pvf {

bool Ring::valid(uint8_t slot, uint16_t& number) const {
  const uint16_t begin = at(slot);
  uint16_t crc = kCrc16Start;
  for (uint16_t i = 0; i < size_ + 2; ++i) {
    crc = crc16(crc, memory_.read(static_cast<uint16_t>(begin + i)));
  }
  const uint16_t end = static_cast<uint16_t>(begin + size_ + 2);
  number = static_cast<uint16_t>(
      memory_.read(begin) | memory_.read(static_cast<uint16_t>(begin + 1)) << 8);
  return crc == static_cast<uint16_t>(memory_.read(end) |
                                      memory_.read(static_cast<uint16_t>(end + 1)) << 8);
}

bool Ring::load(void* record) {
  bool found = false;
  for (uint8_t slot = 0; slot < slots_; ++slot) {
    uint16_t number;
    if (!valid(slot, number)) continue;
    // Numbers wrap; the ring is far shorter than half their range.
    if (found && static_cast<int16_t>(number - number_) <= 0) continue;
    found = true;
    slot_ = slot;
    number_ = number;
  }
  if (!found) return false;
  uint8_t* out = static_cast<uint8_t*>(record);
  for (uint16_t i = 0; i < size_; ++i) {
    out[i] = memory_.read(static_cast<uint16_t>(at(slot_) + 2 + i));
  }
  return true;
}

void Ring::save(const void* record) {
  // What was not written to its end is not counted on: its slot is taken again.
  if (record_ == nullptr) {
    slot_ = static_cast<uint8_t>((slot_ + 1) % slots_);
    ++number_;
  }
  record_ = static_cast<const uint8_t*>(record);
  index_ = 0;
  crc_ = kCrc16Start;
}

uint8_t Ring::byte_of(uint16_t index) const {
  if (index == 0) return static_cast<uint8_t>(number_);
  if (index == 1) return static_cast<uint8_t>(number_ >> 8);
  if (index < size_ + 2) return record_[index - 2];
  return static_cast<uint8_t>(index == size_ + 2 ? crc_ : crc_ >> 8);
}

void Ring::step() {
  if (record_ == nullptr || !memory_.ready()) return;
  const uint8_t value = byte_of(index_);
  memory_.write(static_cast<uint16_t>(at(slot_) + index_), value);
  if (index_ < size_ + 2) crc_ = crc16(crc_, value);
  if (++index_ == slot_size(size_)) record_ = nullptr;
}

void Ring::finish() {
  while (record_ != nullptr) step();
}

}  // namespace pvf
