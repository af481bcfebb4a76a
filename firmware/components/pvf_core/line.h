// The serial line: the same messages, one a line, with a checksum.
//
//   $<leaf> <payload>*<CRC-16 of what is between $ and *, four hexadecimal digits>
#pragma once

#include <stdint.h>

#include "crc.h"
#include "limits.h"
#include "sink.h"

namespace pvf {

// Wraps what is put between `begin` and `end` into one line.
class LineWriter final : public Sink {
 public:
  explicit LineWriter(Sink& out) : out_(out) {}
  void begin();
  void put(char c) override;
  void end();

 private:
  Sink& out_;
  uint16_t crc_;
};

class LineReader {
 public:
  // Takes a byte, from an interrupt as well; what comes while a line waits is lost.
  void put(char c);
  // Whether a line waits whose checksum is right; then it waits until released.
  bool ready();
  void release();

  // Of the line that waits.
  const char* leaf() const { return line_; }
  uint16_t leaf_size() const { return leaf_size_; }
  const char* payload() const { return line_ + leaf_size_ + 1; }
  uint16_t payload_size() const { return payload_size_; }
  // Lines with a wrong checksum, too long or without form; wraps.
  uint16_t refused() const { return refused_; }

 private:
  bool check();

  char line_[kLineSize];
  uint16_t size_;
  uint16_t leaf_size_;
  uint16_t payload_size_;
  uint16_t refused_;
  bool inside_;
  volatile bool complete_;
};

}  // namespace pvf
