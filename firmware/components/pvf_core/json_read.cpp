#include "json_read.h"

#include <string.h>

#include "json_scan.h"

namespace pvf {

namespace {

struct Entry {
  const char* key;
  uint16_t size;
  JsonValue value;
};

// Reads `"key":value` and what separates it from the next.
bool next_entry(JsonScanner& scan, Entry& entry, bool& last) {
  bool escaped;
  scan.space();
  if (!scan.string(entry.key, entry.size, escaped) || escaped) return false;
  scan.space();
  if (!scan.take(':')) return false;
  scan.space();
  entry.value = JsonValue();
  if (!scan.value(entry.value, 1)) return false;
  scan.space();
  last = scan.take('}');
  return last || scan.take(',');
}

}  // namespace

bool JsonValue::flag(bool& out) const {
  if (type != JsonType::flag) return false;
  out = *begin == 't';
  return true;
}

bool JsonValue::counter(uint32_t& out) const {
  if (type != JsonType::number) return false;
  uint32_t value = 0;
  for (uint16_t i = 0; i < size; ++i) {
    if (begin[i] < '0' || begin[i] > '9') return false;
    const uint32_t digit = static_cast<uint32_t>(begin[i] - '0');
    if (value > (0xFFFFFFFFu - digit) / 10) return false;
    value = value * 10 + digit;
  }
  out = value;
  return true;
}

bool JsonValue::counter(uint32_t& out, uint32_t low, uint32_t high) const {
  uint32_t value;
  if (!counter(value) || value < low || value > high) return false;
  out = value;
  return true;
}

bool JsonValue::decimal(float& out) const {
  if (type != JsonType::number) return false;
  uint32_t mantissa = 0;
  int16_t exponent = 0, written = 0;
  bool fraction = false, power = false, below = false;
  for (uint16_t i = 0; i < size; ++i) {
    const char c = begin[i];
    const uint8_t digit = static_cast<uint8_t>(c - '0');
    if (digit > 9) {
      if (c == '.') fraction = true;
      if (c == 'e' || c == 'E') power = true;
      below = below || (power && c == '-');
    } else if (power) {
      if (written < 100) written = static_cast<int16_t>(written * 10 + digit);
    } else if (mantissa < 100000000) {
      // More digits than these have no place in a float.
      mantissa = mantissa * 10 + digit;
      exponent = static_cast<int16_t>(exponent - fraction);
    } else {
      exponent = static_cast<int16_t>(exponent + !fraction);
    }
  }
  exponent = static_cast<int16_t>(below ? exponent - written : exponent + written);
  float value = static_cast<float>(mantissa);
  for (; exponent > 0 && value < 1e30f && mantissa != 0; --exponent) value *= 10.0f;
  for (; exponent < 0 && value > 0.0f; ++exponent) value /= 10.0f;
  if (!(value < 1e30f)) return false;
  out = *begin == '-' ? -value : value;
  return true;
}

bool JsonValue::text(char* out, uint8_t capacity) const {
  if (type != JsonType::text || size >= capacity) return false;
  for (uint16_t i = 0; i < size; ++i) {
    if (begin[i] == '\\') return false;
  }
  memcpy(out, begin, size);
  out[size] = '\0';
  return true;
}

bool JsonValue::is(const Flash* word) const {
  return type == JsonType::text && equals(begin, size, word);
}

bool JsonObject::parse(const char* text, uint16_t size) {
  text_ = end_ = nullptr;
  JsonScanner scan(text, text + size);
  scan.space();
  if (!scan.take('{')) return false;
  scan.space();
  bool last = scan.take('}');
  JsonScanner all = scan;
  uint8_t count = 0;
  while (!last) {
    Entry entry;
    if (!next_entry(scan, entry, last) || ++count > 32) return false;
    JsonScanner before = all;
    for (uint8_t i = 1; i < count; ++i) {
      Entry other;
      bool end;
      if (!next_entry(before, other, end)) return false;
      if (other.size == entry.size && memcmp(other.key, entry.key, entry.size) == 0) {
        return false;
      }
    }
  }
  scan.space();
  if (!scan.done()) return false;
  text_ = text;
  end_ = text + size;
  return true;
}

JsonValue JsonObject::find(const Flash* key) const {
  JsonScanner scan(text_, end_);
  scan.space();
  bool last = !scan.take('{');
  scan.space();
  if (scan.take('}')) return JsonValue();
  while (!last) {
    Entry entry;
    if (!next_entry(scan, entry, last)) break;
    if (equals(entry.key, entry.size, key)) return entry.value;
  }
  return JsonValue();
}

}  // namespace pvf
