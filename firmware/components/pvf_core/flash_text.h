// Texts that stay in flash: on AVR a plain literal would cost RAM.
#pragma once

#include <stdint.h>

#if defined(__AVR__)
#include <avr/pgmspace.h>
#define PVF_F(text) (reinterpret_cast<const pvf::Flash*>(PSTR(text)))
#else
#define PVF_F(text) (reinterpret_cast<const pvf::Flash*>(text))
#endif

namespace pvf {

// Never defined: a pointer to it is a text in flash, ended by a zero.
struct Flash;

inline char flash_char(const Flash* text, uint16_t index) {
  const char* at = reinterpret_cast<const char*>(text) + index;
#if defined(__AVR__)
  return static_cast<char>(pgm_read_byte(at));
#else
  return *at;
#endif
}

// Whether a text in RAM equals one in flash.
inline bool equals(const char* text, uint16_t size, const Flash* other) {
  uint16_t i = 0;
  for (; i < size; ++i) {
    const char c = flash_char(other, i);
    if (c == '\0' || c != text[i]) return false;
  }
  return flash_char(other, i) == '\0';
}

}  // namespace pvf
