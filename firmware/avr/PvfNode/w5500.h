// The W5500 Ethernet chip: sockets with their own memory, reached over SPI.
#pragma once

#include <stdint.h>

#include "config.h"

namespace pvf {

class W5500 {
 public:
  static constexpr uint16_t kBuffer = 2048;

  enum Register : uint16_t {
    kMode = 0x00,
    kCommand = 0x01,
    kInterrupt = 0x02,
    kStatus = 0x03,
    kPort = 0x04,
    kTarget = 0x0C,
    kTargetPort = 0x10,
    kSendFree = 0x20,
    kSendWrite = 0x24,
    kReceived = 0x26,
    kReceiveRead = 0x28
  };
  enum Command : uint8_t {
    kOpen = 0x01,
    kConnect = 0x04,
    kClose = 0x10,
    kSend = 0x20,
    kReceive = 0x40
  };
  enum Status : uint8_t {
    kClosed = 0x00,
    kInit = 0x13,
    kEstablished = 0x17,
    kUdp = 0x22
  };

  // The bus to it.
  void begin();
  // Gives it the node's addresses if it has others or none: it starts more slowly than
  // the board, and a dip of its supply takes everything.
  void set_up(const Config& config);

  uint8_t read(uint8_t socket, uint16_t address);
  void write(uint8_t socket, uint16_t address, uint8_t value);
  // Reads until it is twice the same, for the chip may be changing it, but not for ever.
  uint16_t read_word(uint8_t socket, uint16_t address);
  void write_word(uint8_t socket, uint16_t address, uint16_t value);
  void write_bytes(uint8_t socket, uint16_t address, const uint8_t* data, uint8_t size);
  void command(uint8_t socket, Command command);

  // Copies what was received at a place of the socket's buffer.
  void read_buffer(uint8_t socket, uint16_t address, uint8_t* data, uint8_t size);
  // Keeps the chip selected, for bytes that follow by `put`.
  void begin_buffer(uint8_t socket, uint16_t address);
  void put(uint8_t value);
  void end_buffer();

 private:
  // Returns whether its addresses were these.
  bool addresses(const Config& config, uint8_t direction);
  void select(uint16_t address, uint8_t control);
  void deselect();
};

}  // namespace pvf
