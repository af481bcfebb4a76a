// What each board has room for.
#pragma once

#include <stdint.h>

// A full build has a clock, hours that are kept, alerts on its serial line, loads beside
// the house's three flows, temperature sensors, a fan and the cleaning robot as well.
#ifndef PVF_FULL
#if defined(__AVR_ATmega328P__)
#define PVF_FULL 0
#else
#define PVF_FULL 1
#endif
#endif

namespace pvf {

#if PVF_FULL
constexpr uint8_t kTransformers = 3;
constexpr uint8_t kRelays = 4;
constexpr uint8_t kKeptHours = 48;
constexpr uint8_t kHoursPerMessage = 12;
constexpr uint8_t kStartsKept = 12;
constexpr uint16_t kPacketSize = 384;
// A gateway reads what a node says, which is longer than what it is told.
#ifndef PVF_LINE_SIZE
#define PVF_LINE_SIZE 256
#endif
constexpr uint16_t kLineSize = PVF_LINE_SIZE;
constexpr uint16_t kMemorySize = 4096;
constexpr uint8_t kEnergySlots = 23;
#else
constexpr uint8_t kTransformers = 2;
constexpr uint8_t kRelays = 2;
constexpr uint8_t kStartsKept = 6;
constexpr uint16_t kPacketSize = 192;
constexpr uint16_t kLineSize = 160;
constexpr uint16_t kMemorySize = 1024;
constexpr uint8_t kEnergySlots = 7;
#endif

constexpr uint8_t kSensors = 4;
constexpr uint8_t kFans = 1;

}  // namespace pvf
