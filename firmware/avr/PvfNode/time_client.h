// Asks a time server for the time (SNTP) on the chip's socket 1.
#pragma once

#include <stdint.h>

#include "w5500.h"

namespace pvf {

class TimeClient {
 public:
  explicit TimeClient(W5500& chip) : chip_(chip) {}

  // 0.0.0.0 for none.
  void set_server(const uint8_t* address);
  // Returns whether an answer came, and its Unix time in s.
  bool step(uint32_t now_ms, uint32_t& seconds);

 private:
  static constexpr uint8_t kSocket = 1;

  void ask(uint32_t now_ms);
  bool answer(uint32_t& seconds);

  W5500& chip_;
  const uint8_t* server_ = nullptr;
  uint32_t asked_ms_ = 0;
  uint32_t wait_ms_ = 0;
};

}  // namespace pvf
