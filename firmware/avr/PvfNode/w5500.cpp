#include "w5500.h"

#include <avr/io.h>

#include "pins.h"

namespace pvf {

namespace {

constexpr uint8_t kWriteBit = 0x04;
constexpr uint8_t kCommonBlock = 0x00;
constexpr uint8_t kReadings = 8;

constexpr uint8_t register_block(uint8_t socket) {
  return static_cast<uint8_t>((socket * 4 + 1) << 3);
}
constexpr uint8_t send_block(uint8_t socket) {
  return static_cast<uint8_t>((socket * 4 + 2) << 3);
}
constexpr uint8_t receive_block(uint8_t socket) {
  return static_cast<uint8_t>((socket * 4 + 3) << 3);
}

uint8_t transfer(uint8_t value) {
  SPDR = value;
  while ((SPSR & _BV(SPIF)) == 0) {
  }
  return SPDR;
}

}  // namespace

void W5500::select(uint16_t address, uint8_t control) {
  PVF_SELECT_PORT &= static_cast<uint8_t>(~_BV(PVF_SELECT_PIN));
  transfer(static_cast<uint8_t>(address >> 8));
  transfer(static_cast<uint8_t>(address));
  transfer(control);
}

void W5500::deselect() { PVF_SELECT_PORT |= _BV(PVF_SELECT_PIN); }

void W5500::begin() {
  spi_pins_begin();
  SPCR = _BV(SPE) | _BV(MSTR);
  SPSR = _BV(SPI2X);
}

void W5500::set_up(const Config& config) {
  if (addresses(config, 0)) return;
  select(0, kCommonBlock | kWriteBit);
  transfer(0x80);
  deselect();
  addresses(config, kWriteBit);
}

bool W5500::addresses(const Config& config, uint8_t direction) {
  // They lie one after the other, from the byte after the mode.
  const uint8_t* const parts[] = {config.gateway, config.mask, config.hardware,
                                  config.address};
  bool same = true;
  select(1, kCommonBlock | direction);
  for (const uint8_t* part : parts) {
    const uint8_t size = part == config.hardware ? 6 : 4;
    for (uint8_t i = 0; i < size; ++i) same = transfer(part[i]) == part[i] && same;
  }
  deselect();
  return same;
}

uint8_t W5500::read(uint8_t socket, uint16_t address) {
  select(address, register_block(socket));
  const uint8_t value = transfer(0);
  deselect();
  return value;
}

void W5500::write(uint8_t socket, uint16_t address, uint8_t value) {
  write_bytes(socket, address, &value, 1);
}

uint16_t W5500::read_word(uint8_t socket, uint16_t address) {
  uint16_t value = 0, again;
  uint8_t readings = 0;
  do {
    again = value;
    select(address, register_block(socket));
    value = static_cast<uint16_t>(transfer(0) << 8);
    value = static_cast<uint16_t>(value | transfer(0));
    deselect();
  } while (value != again && ++readings < kReadings);
  return value;
}

void W5500::write_word(uint8_t socket, uint16_t address, uint16_t value) {
  const uint8_t bytes[] = {static_cast<uint8_t>(value >> 8),
                           static_cast<uint8_t>(value)};
  write_bytes(socket, address, bytes, 2);
}

void W5500::write_bytes(uint8_t socket, uint16_t address, const uint8_t* data,
                        uint8_t size) {
  select(address, static_cast<uint8_t>(register_block(socket) | kWriteBit));
  for (uint8_t i = 0; i < size; ++i) transfer(data[i]);
  deselect();
}

void W5500::command(uint8_t socket, Command command) {
  write(socket, kCommand, command);
  // The chip clears it within microseconds; a chip that is not there must not hang.
  for (uint8_t i = 0; i < 255 && read(socket, kCommand) != 0; ++i) {
  }
}

void W5500::read_buffer(uint8_t socket, uint16_t address, uint8_t* data, uint8_t size) {
  select(address, receive_block(socket));
  for (uint8_t i = 0; i < size; ++i) data[i] = transfer(0);
  deselect();
}

void W5500::begin_buffer(uint8_t socket, uint16_t address) {
  select(address, static_cast<uint8_t>(send_block(socket) | kWriteBit));
}

void W5500::put(uint8_t value) { transfer(value); }

void W5500::end_buffer() { deselect(); }

}  // namespace pvf
