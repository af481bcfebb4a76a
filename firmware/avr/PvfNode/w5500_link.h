// The broker's TCP connection on the chip's socket 0.
#pragma once

#include <stdint.h>

#include "config.h"
#include "link.h"
#include "w5500.h"

namespace pvf {

class W5500Link final : public Link {
 public:
  explicit W5500Link(W5500& chip) : chip_(chip) {}

  // Where the addresses are read at every opening.
  void follow(const Config& config) { config_ = &config; }
  void open() override;
  void close() override;
  LinkState state() override;
  bool begin_packet(uint16_t size) override;
  void end_packet() override;
  void put(char c) override { chip_.put(static_cast<uint8_t>(c)); }
  int16_t read() override;

 private:
  static constexpr uint8_t kSocket = 0;
  static constexpr uint8_t kChunk = 32;

  W5500& chip_;
  const Config* config_ = nullptr;
  uint16_t local_port_ = 49152;
  uint16_t end_ = 0;
  uint8_t chunk_[kChunk];
  uint8_t size_ = 0;
  uint8_t next_ = 0;
};

}  // namespace pvf
