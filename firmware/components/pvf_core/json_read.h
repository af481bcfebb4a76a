// Reads one flat JSON object from a buffer; refuses the whole if any of it is wrong.
#pragma once

#include <stdint.h>

#include "flash_text.h"

namespace pvf {

enum class JsonType : uint8_t { missing, null, flag, number, text, nested };

// A slice of the buffer. Every reading says whether the value was of that kind.
struct JsonValue {
  JsonType type = JsonType::missing;
  const char* begin = nullptr;
  uint16_t size = 0;

  bool given() const { return type != JsonType::missing && type != JsonType::null; }
  bool flag(bool& out) const;
  // Whole numbers from 0 to 2^32 - 1, without point and exponent.
  bool counter(uint32_t& out) const;
  bool counter(uint32_t& out, uint32_t low, uint32_t high) const;
  bool decimal(float& out) const;
  // Texts of at most `capacity - 1` bytes without escapes.
  bool text(char* out, uint8_t capacity) const;
  bool is(const Flash* word) const;
};

class JsonObject {
 public:
  static constexpr uint8_t kDepth = 4;

  // Takes what is exactly one object: at most four levels, no key twice, no escapes
  // in keys. The buffer must outlive the object.
  bool parse(const char* text, uint16_t size);
  JsonValue find(const Flash* key) const;

 private:
  const char* text_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace pvf
