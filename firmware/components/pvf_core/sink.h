// Where text goes, byte by byte: a count, a buffer, a socket, a serial line.
#pragma once

#include <stdint.h>

#include "flash_text.h"

namespace pvf {

class Sink {
 public:
  virtual void put(char c) = 0;

  void text(const char* text) {
    while (*text != '\0') put(*text++);
  }

  void text(const Flash* text) {
    for (uint16_t i = 0;; ++i) {
      const char c = flash_char(text, i);
      if (c == '\0') return;
      put(c);
    }
  }

  // Writes a number in decimals, with zeros in front up to `digits`.
  void number(uint32_t value, uint8_t digits = 1);

 protected:
  ~Sink() = default;
};

// Measures what would be written.
class CountingSink final : public Sink {
 public:
  void put(char) override { ++size; }
  uint16_t size = 0;
};

// Writes into a buffer, ended by a zero; what does not fit is dropped and noticed.
class BufferSink final : public Sink {
 public:
  BufferSink(char* buffer, uint16_t capacity) : buffer_(buffer), capacity_(capacity) {
    buffer_[0] = '\0';
  }
  void put(char c) override {
    if (size_ + 1 >= capacity_) {
      full_ = true;
      return;
    }
    buffer_[size_++] = c;
    buffer_[size_] = '\0';
  }
  uint16_t size() const { return size_; }
  bool full() const { return full_; }

 private:
  char* buffer_;
  uint16_t capacity_;
  uint16_t size_ = 0;
  bool full_ = false;
};

}  // namespace pvf
