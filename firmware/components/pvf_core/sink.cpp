#include "sink.h"

namespace pvf {

void Sink::number(uint32_t value, uint8_t digits) {
  char reversed[10];
  uint8_t count = 0;
  do {
    reversed[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  for (uint8_t zeros = count; zeros < digits; ++zeros) put('0');
  while (count > 0) put(reversed[--count]);
}

}  // namespace pvf
