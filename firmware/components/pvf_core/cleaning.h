// Washes the panels: valve, pump, brush there and back, and every reason not to.
#pragma once

#include <stdint.h>

#include "countdown.h"

namespace pvf {

// Words for them are in words.cpp.
enum class CleaningPhase : uint8_t {
  idle,
  precheck,
  valve_open,
  pump_on,
  brush_forward,
  dead,
  brush_reverse,
  rinse,
  pump_off,
  valve_close,
  fault
};

enum class CleaningFault : uint8_t {
  none,
  stopped,
  cold,
  hot,
  hot_panel,
  rain,
  tank_empty,
  too_often,
  no_flow,
  limit_switch,
  too_long,
  no_link
};

struct CleaningInputs {
  // Air in degrees Celsius; unknown counts as too cold.
  bool ambient_known;
  float ambient;
  // Cold water on hot glass breaks it.
  bool panel_hot;
  bool rain;
  bool tank_low;
  bool flow;
  bool at_home;
  bool at_end;
  bool stop;
  // Whether anybody could see what happens.
  bool link;
};

struct CleaningOutputs {
  bool valve;
  bool pump;
  bool forward;
  bool reverse;
};

class Cleaning {
 public:
  static constexpr uint8_t kRunsPerDay = 2;

  // A refused start is told by `fault()` in the phase idle.
  void start(const CleaningInputs& inputs);
  // Ends a run in the order that is safe for the water.
  void stop();
  // Takes back a fault that somebody has looked at.
  void reset(const CleaningInputs& inputs);
  // Lets time pass; returns whether phase or fault changed.
  bool step(const CleaningInputs& inputs, uint32_t elapsed_ms);

  CleaningOutputs outputs() const;
  CleaningPhase phase() const { return phase_; }
  CleaningFault fault() const { return fault_; }
  // Runs in the last 24 hours that began with the first of them.
  uint8_t runs() const { return runs_; }

 private:
  CleaningFault forbidden(const CleaningInputs& inputs) const;
  void enter(CleaningPhase phase);
  void fail(CleaningFault fault);
  void brush(const CleaningInputs& inputs, uint32_t elapsed_ms);

  CleaningPhase phase_;
  CleaningFault fault_;
  uint8_t runs_;
  bool give_up_;
  bool valve_after_fault_;
  uint32_t in_phase_ms_;
  Countdown dry_;
  Countdown day_;
};

}  // namespace pvf
