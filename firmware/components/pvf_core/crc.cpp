#include "crc.h"

namespace pvf {

uint16_t crc16(uint16_t crc, uint8_t byte) {
  crc ^= static_cast<uint16_t>(byte) << 8;
  for (uint8_t bit = 0; bit < 8; ++bit) {
    crc = (crc & 0x8000) ? static_cast<uint16_t>((crc << 1) ^ 0x1021)
                         : static_cast<uint16_t>(crc << 1);
  }
  return crc;
}

uint8_t crc8(const uint8_t* data, uint8_t size) {
  uint8_t crc = 0;
  for (uint8_t i = 0; i < size; ++i) {
    crc ^= data[i];
    for (uint8_t bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) ? static_cast<uint8_t>((crc >> 1) ^ 0x8C)
                      : static_cast<uint8_t>(crc >> 1);
    }
  }
  return crc;
}

}  // namespace pvf
