// Reads and writes the values of a plain struct by a table in flash: far smaller than
// code for each of them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "json_read.h"
#include "json_write.h"

#if defined(__AVR__)
#include <avr/pgmspace.h>
#define PVF_TABLE PROGMEM
#else
#define PVF_TABLE
#endif

namespace pvf {

enum class FieldKind : uint8_t {
  // Whole numbers of one and two bytes, from `low` to `high`.
  byte,
  word,
  flag,
  // float, from `low` to `high`.
  decimal,
  // float, from 0.001 to `high`.
  factor,
  // char[high], ended by a zero.
  text,
  // The same, of letters, digits, _ and - only.
  name,
  // The same, several of them with / between.
  path,
  // Four bytes, written a.b.c.d.
  address
};

struct Field {
  char key[15];
  FieldKind kind;
  uint16_t offset;
  int16_t low;
  uint16_t high;
};

// Takes what an object gives and leaves the rest as it is; returns false at the first
// value that does not fit.
bool read_fields(const JsonObject& object, const Field* table, uint8_t count,
                 void* target);

void write_fields(JsonWriter& json, const Field* table, uint8_t count,
                  const void* source);

}  // namespace pvf
