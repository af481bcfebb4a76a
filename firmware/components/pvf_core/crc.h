// Checksums: CRC-16/CCITT-FALSE for lines and memory, CRC-8 of Dallas for sensors.
#pragma once

#include <stdint.h>

namespace pvf {

constexpr uint16_t kCrc16Start = 0xFFFF;

// Returns the checksum with one more byte.
uint16_t crc16(uint16_t crc, uint8_t byte);

// Returns the checksum of what a 1-Wire device sends; 0 over data and their checksum.
uint8_t crc8(const uint8_t* data, uint8_t size);

}  // namespace pvf
