// A W5500 on the simulated SPI bus: socket 0 is a TCP connection to this machine,
// socket 1 a time server of its own.
#pragma once

#include <cstdint>
#include <string>

class W5500Model {
 public:
  // Connections go to this port of 127.0.0.1, wherever the firmware wants to.
  void set_broker(uint16_t port) { port_ = port; }
  // What its time server says, Unix time in s; 0 for none.
  void set_time(uint32_t unix_time) { unix_time_ = unix_time; }
  void select(bool selected);
  uint8_t transfer(uint8_t value);
  // Moves what waits between the chip and the network. Call it now and then.
  void poll();
  // Pulls the cable: what is sent is lost, nothing comes.
  void unplug(bool unplugged) { unplugged_ = unplugged; }
  // Its settings and connections are gone, as after a dip of its supply.
  void lose_power();

 private:
  struct Socket {
    uint8_t registers[0x30] = {};
    uint8_t send[2048] = {};
    uint8_t receive[2048] = {};
    uint16_t sent = 0;
    uint16_t received = 0;
    std::string outgoing;
    int file = -1;
  };

  uint8_t read(uint8_t block, uint16_t address);
  void write(uint8_t block, uint16_t address, uint8_t value);
  void command(Socket& socket, uint8_t value);
  void deliver(Socket& socket, const uint8_t* data, size_t size);
  void answer_time(Socket& socket, const uint8_t* data);
  void shut(Socket& socket);
  static uint16_t word(const Socket& socket, uint8_t address);
  static void set_word(Socket& socket, uint8_t address, uint16_t value);

  Socket sockets_[8];
  uint8_t common_[0x40] = {};
  uint16_t port_ = 0;
  uint32_t unix_time_ = 0;
  unsigned byte_ = 0;
  uint16_t address_ = 0;
  uint8_t control_ = 0;
  bool unplugged_ = false;
};
