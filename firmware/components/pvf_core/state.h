// Everything a node knows, for those who write messages and those who do commands.
#pragma once

#include <stdint.h>

#include "alarms.h"
#include "board.h"
#include "cleaning.h"
#include "config.h"
#include "hours.h"
#include "meter.h"
#include "registers.h"
#include "relay_bank.h"
#include "thermal.h"
#include "wall_clock.h"

namespace pvf {

#define PVF_FIRMWARE_VERSION "1.0.0"

// What a calibration command asked for, for its answer.
struct CalibrationRequest {
  uint8_t channel;
  uint32_t sequence;
  Outcome outcome;
};

struct NodeState {
  Config config;
  // At the start of the node; `counters_now` adds what happened since.
  Counters counters;
  Meter meter;
  MeterValues values;
  bool measured;
  // Whether somebody hears what is said.
  bool link;
  RelayBank relays;
  Alarms alarms;
  CalibrationRequest calibration;
  uint32_t sequence;
#if PVF_FULL
  WallClock clock;
  Hours hours;
  Cleaning cleaning;
  Thermometer sensors[kSensors];
  FanControl fans[kFans];
#endif

  uint32_t starts(uint8_t relay) const {
    return counters.starts[relay] + relays.relay(relay).starts();
  }
};

}  // namespace pvf
