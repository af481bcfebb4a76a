// Lifetime energy: exact integers, because a float forgets small additions.
#pragma once

#include <stdint.h>

#include "limits.h"

namespace pvf {

// One register: whole Wh, and the mWs beyond them. As exact as one number of 64 bits,
// and without its division.
struct Register {
  uint32_t watt_hours;
  uint32_t milliwatt_seconds;
};

enum Total : uint8_t { kProduced, kConsumed, kImported, kExported, kTotals };

#if PVF_FULL
// Power through a transformer that measures none of the house's three flows.
struct LoadRegisters {
  Register forward;
  Register back;
};
#endif

#if PVF_FULL
// What the registers held when an hour began; Unix time in s, 0 if that was not seen.
struct HourStart {
  uint32_t hour;
  uint32_t watt_hours[kTotals];
};
#endif

// What is kept over power cuts. Plain, because it is stored as it is.
struct Counters {
  uint32_t boot;
  uint32_t starts[kRelays];
  Register totals[kTotals];
#if PVF_FULL
  LoadRegisters loads[kTransformers];
  HourStart hour;
#endif
};

// Adds power over at most 10 s, rounded to 1 mWs; a negative power counts nothing.
void add_energy(Register& target, float watts, uint32_t span_us);

}  // namespace pvf
