// Walks through JSON text without recursion and without copies.
#pragma once

#include <stdint.h>

#include "json_read.h"

namespace pvf {

class JsonScanner {
 public:
  JsonScanner(const char* at, const char* end) : at_(at), end_(end) {}

  bool done() const { return at_ == end_; }
  void space();
  bool take(char c);
  // A string with its quotes; the slice is without them.
  bool string(const char*& begin, uint16_t& size, bool& escaped);
  // Any value at a level of nesting.
  bool value(JsonValue& out, uint8_t level);

 private:
  bool number();
  bool digits();
  bool word(const Flash* text);
  bool scalar(JsonValue& out);
  bool nested(uint8_t level);
  bool key();

  const char* at_;
  const char* end_;
};

}  // namespace pvf
