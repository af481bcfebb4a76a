// The USB serial line at 115200 baud.
#pragma once

#include <stdint.h>

#include "line.h"
#include "sink.h"

namespace pvf {

class Uart final : public Sink {
 public:
  void begin();
  // Waits until the byte before has left.
  void put(char c) override;
};

// Where the bytes that come are collected.
LineReader& uart_lines();

}  // namespace pvf
