#include "hour_log.h"

#if PVF_FULL

#include <string.h>

#include "crc.h"

namespace pvf {

namespace {

uint16_t checksum(const Hour& hour) {
  uint8_t bytes[sizeof(Hour)];
  memcpy(bytes, &hour, sizeof(hour));
  uint16_t crc = kCrc16Start;
  for (uint8_t byte : bytes) crc = crc16(crc, byte);
  return crc;
}

}  // namespace

uint16_t HourLog::at(uint32_t start) const {
  const uint8_t slot = static_cast<uint8_t>(start / Hours::kHour % kKeptHours);
  return static_cast<uint16_t>(address_ + slot * kSlotSize);
}

bool HourLog::read(uint16_t address, Hour& hour) const {
  uint8_t bytes[kSlotSize];
  for (uint8_t i = 0; i < kSlotSize; ++i) {
    bytes[i] = memory_.read(static_cast<uint16_t>(address + i));
  }
  memcpy(&hour, bytes, sizeof(hour));
  const uint16_t stored = static_cast<uint16_t>(bytes[kSlotSize - 2] |
                                                bytes[kSlotSize - 1] << 8);
  return hour.start != 0 && stored == checksum(hour) && at(hour.start) == address;
}

void HourLog::load(Hours& hours) const {
  Hour hour;
  uint32_t newest = 0;
  for (uint8_t slot = 0; slot < kKeptHours; ++slot) {
    if (read(static_cast<uint16_t>(address_ + slot * kSlotSize), hour) &&
        hour.start > newest) {
      newest = hour.start;
    }
  }
  constexpr uint32_t kSpan = (kKeptHours - 1) * Hours::kHour;
  if (newest < kSpan) return;
  for (uint32_t start = newest - kSpan; start <= newest; start += Hours::kHour) {
    if (read(at(start), hour) && hour.start == start) hours.restore(hour);
  }
}

void HourLog::save(const Hour& hour) {
  // Rows come an hour apart; only a clock that moves twice at once finds work left.
  while (clear_ > 0) step();
  hour_ = hour;
  index_ = 0;
}

void HourLog::step() {
  if (!memory_.ready()) return;
  if (clear_ > 0) {
    const uint16_t last = static_cast<uint16_t>(address_ + clear_ * kSlotSize - 1);
    // Any other checksum will do.
    Hour hour;
    if (read(static_cast<uint16_t>(last + 1 - kSlotSize), hour)) {
      memory_.write(last, static_cast<uint8_t>(~memory_.read(last)));
    }
    --clear_;
    return;
  }
  if (index_ == kSlotSize) return;
  uint8_t value;
  if (index_ < sizeof(Hour)) {
    value = reinterpret_cast<const uint8_t*>(&hour_)[index_];
  } else {
    const uint16_t crc = checksum(hour_);
    value = static_cast<uint8_t>(index_ == sizeof(Hour) ? crc : crc >> 8);
  }
  memory_.write(static_cast<uint16_t>(at(hour_.start) + index_), value);
  ++index_;
}

}  // namespace pvf

#endif
