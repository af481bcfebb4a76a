#include "json_write.h"

#include <math.h>

namespace pvf {

void JsonWriter::open(const Flash* key, char bracket) {
  begin(key);
  sink_.put(bracket);
  first_ = true;
}

void JsonWriter::close(char bracket) {
  sink_.put(bracket);
  first_ = false;
}

void JsonWriter::integer(const Flash* key, int32_t value) {
  begin(key);
  if (value < 0) sink_.put('-');
  sink_.number(value < 0 ? 0u - static_cast<uint32_t>(value)
                         : static_cast<uint32_t>(value));
}

void JsonWriter::counter(const Flash* key, uint32_t value) {
  begin(key);
  sink_.number(value);
}

void JsonWriter::decimal(const Flash* key, float value, uint8_t decimals) {
  uint32_t power = 1;
  for (uint8_t i = 0; i < decimals; ++i) power *= 10;
  const float scaled = fabsf(value) * static_cast<float>(power) + 0.5f;
  // Also refuses what is no number.
  if (!(scaled < 4e9f)) {
    null(key);
    return;
  }
  const uint32_t rounded = static_cast<uint32_t>(scaled);
  begin(key);
  if (value < 0.0f && rounded != 0) sink_.put('-');
  sink_.number(rounded / power);
  if (decimals > 0) {
    sink_.put('.');
    sink_.number(rounded % power, decimals);
  }
}

void JsonWriter::flag(const Flash* key, bool value) {
  begin(key);
  sink_.text(value ? PVF_F("true") : PVF_F("false"));
}

void JsonWriter::text(const Flash* key, const Flash* value) {
  begin(key);
  sink_.put('"');
  sink_.text(value);
  sink_.put('"');
}

void JsonWriter::text(const Flash* key, const char* value) {
  begin(key);
  sink_.put('"');
  for (; *value != '\0'; ++value) {
    const char c = *value;
    if (c == '"' || c == '\\') sink_.put('\\');
    // Control characters have no place in a name.
    sink_.put(static_cast<uint8_t>(c) < 0x20 ? ' ' : c);
  }
  sink_.put('"');
}

void JsonWriter::null(const Flash* key) {
  begin(key);
  sink_.text(PVF_F("null"));
}

void JsonWriter::begin(const Flash* key) {
  if (!first_) sink_.put(',');
  first_ = false;
  if (key == nullptr) return;
  sink_.put('"');
  sink_.text(key);
  sink_.put('"');
  sink_.put(':');
}

}  // namespace pvf
