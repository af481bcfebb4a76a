// Writes one JSON object into a sink. What is no number is written as null.
#pragma once

#include <stdint.h>

#include "sink.h"

namespace pvf {

class JsonWriter {
 public:
  explicit JsonWriter(Sink& sink) : sink_(sink) {}

  // A key is nullptr inside a list and for the whole.
  void open(const Flash* key, char bracket);
  void close(char bracket);

  void integer(const Flash* key, int32_t value);
  void counter(const Flash* key, uint32_t value);
  void decimal(const Flash* key, float value, uint8_t decimals);
  void flag(const Flash* key, bool value);
  void text(const Flash* key, const Flash* value);
  void text(const Flash* key, const char* value);
  void null(const Flash* key);

 private:
  void begin(const Flash* key);

  Sink& sink_;
  bool first_ = true;
};

}  // namespace pvf
