// The options of the command line.
#pragma once

#include <cstdint>
#include <string>

namespace pvf {

struct Options {
  std::string host = "127.0.0.1";
  uint16_t port = 1883;
  std::string house = "casa_A";
  std::string memory;
  double production = 1500.0;
  double consumption = 400.0;
  uint32_t serial = 0xA0B1C2D3;
  // Time comes over standard input instead of from a clock.
  bool scripted = false;
};

// Ends the program with a word on standard error if an option is not understood.
Options read_options(int count, char** words);

}  // namespace pvf
