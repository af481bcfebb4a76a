#include "cleaning.h"

namespace pvf {

namespace {

constexpr float kColdest = 3.0f;
constexpr float kHottest = 40.0f;
constexpr uint32_t kPrecheckMs = 1000;
constexpr uint32_t kValveMs = 3000;
constexpr uint32_t kFlowMs = 5000;
constexpr uint32_t kDryMs = 2000;
constexpr uint32_t kBrushMs = 120000;
constexpr uint32_t kDeadMs = 500;
constexpr uint32_t kRinseMs = 20000;
constexpr uint32_t kPumpOffMs = 2000;
// After a fault the valve stays open until the pump stands still.
constexpr uint32_t kSpinDownMs = 1000;
constexpr uint32_t kDayMs = 86400000;

}  // namespace

void Cleaning::start(const CleaningInputs& inputs) {
  if (phase_ != CleaningPhase::idle) return;
  fault_ = forbidden(inputs);
  if (fault_ != CleaningFault::none) return;
  if (!day_.running()) {
    runs_ = 0;
    day_.set(kDayMs);
  }
  ++runs_;
  give_up_ = false;
  enter(CleaningPhase::precheck);
}

void Cleaning::stop() {
  switch (phase_) {
    case CleaningPhase::idle:
    case CleaningPhase::fault:
    case CleaningPhase::pump_off:
    case CleaningPhase::valve_close:
      return;
    case CleaningPhase::precheck:
      enter(CleaningPhase::idle);
      return;
    default:
      enter(CleaningPhase::pump_off);
  }
}

void Cleaning::reset(const CleaningInputs& inputs) {
  if (phase_ == CleaningPhase::idle) fault_ = CleaningFault::none;
  if (phase_ != CleaningPhase::fault || inputs.stop) return;
  fault_ = CleaningFault::none;
  enter(CleaningPhase::valve_close);
}

bool Cleaning::step(const CleaningInputs& inputs, uint32_t elapsed_ms) {
  const CleaningPhase phase = phase_;
  const CleaningFault fault = fault_;
  day_.step(elapsed_ms);
  in_phase_ms_ += elapsed_ms;
  if (inputs.stop && phase_ != CleaningPhase::idle && phase_ != CleaningPhase::fault) {
    fail(CleaningFault::stopped);
  }
  switch (phase_) {
    case CleaningPhase::idle:
    case CleaningPhase::fault:
      // Held here, so that a long time in a phase cannot wrap.
      if (in_phase_ms_ > kDayMs) in_phase_ms_ = kDayMs;
      break;
    case CleaningPhase::precheck: {
      const CleaningFault why = forbidden(inputs);
      // This run has been counted already.
      if (why != CleaningFault::none && why != CleaningFault::too_often) {
        fault_ = why;
        enter(CleaningPhase::idle);
      } else if (in_phase_ms_ >= kPrecheckMs) {
        enter(CleaningPhase::valve_open);
      }
      break;
    }
    case CleaningPhase::valve_open:
      if (in_phase_ms_ >= kValveMs) enter(CleaningPhase::pump_on);
      break;
    case CleaningPhase::pump_on:
      if (inputs.tank_low) {
        fail(CleaningFault::tank_empty);
      } else if (inputs.flow) {
        dry_.set(kDryMs);
        enter(CleaningPhase::brush_forward);
      } else if (in_phase_ms_ >= kFlowMs) {
        fail(CleaningFault::no_flow);
      }
      break;
    case CleaningPhase::brush_forward:
    case CleaningPhase::dead:
    case CleaningPhase::brush_reverse:
    case CleaningPhase::rinse:
      brush(inputs, elapsed_ms);
      break;
    case CleaningPhase::pump_off:
      if (in_phase_ms_ >= kPumpOffMs) enter(CleaningPhase::valve_close);
      break;
    case CleaningPhase::valve_close:
      if (in_phase_ms_ >= kValveMs) enter(CleaningPhase::idle);
      break;
  }
  return phase != phase_ || fault != fault_;
}

void Cleaning::brush(const CleaningInputs& inputs, uint32_t elapsed_ms) {
  if (inputs.flow) {
    dry_.set(kDryMs);
  } else if (dry_.step(elapsed_ms)) {
    fail(CleaningFault::no_flow);
    return;
  }
  if (inputs.tank_low) {
    fail(CleaningFault::tank_empty);
    return;
  }
  if (inputs.at_home && inputs.at_end) {
    fail(CleaningFault::limit_switch);
    return;
  }
  // Nobody watches any more: bring the brush home and end.
  if (!inputs.link) give_up_ = true;
  switch (phase_) {
    case CleaningPhase::brush_forward:
      if (inputs.at_end || give_up_) {
        enter(CleaningPhase::dead);
      } else if (in_phase_ms_ >= kBrushMs) {
        fail(CleaningFault::too_long);
      }
      break;
    case CleaningPhase::dead:
      if (in_phase_ms_ >= kDeadMs) enter(CleaningPhase::brush_reverse);
      break;
    case CleaningPhase::brush_reverse:
      if (inputs.at_home) {
        enter(give_up_ ? CleaningPhase::pump_off : CleaningPhase::rinse);
      } else if (in_phase_ms_ >= kBrushMs) {
        fail(CleaningFault::too_long);
      }
      break;
    default:
      if (in_phase_ms_ >= kRinseMs || give_up_) enter(CleaningPhase::pump_off);
  }
}

CleaningOutputs Cleaning::outputs() const {
  CleaningOutputs out{};
  switch (phase_) {
    case CleaningPhase::brush_forward:
      out.forward = true;
      out.pump = out.valve = true;
      break;
    case CleaningPhase::brush_reverse:
      out.reverse = true;
      out.pump = out.valve = true;
      break;
    case CleaningPhase::pump_on:
    case CleaningPhase::dead:
    case CleaningPhase::rinse:
      out.pump = out.valve = true;
      break;
    case CleaningPhase::valve_open:
    case CleaningPhase::pump_off:
      out.valve = true;
      break;
    case CleaningPhase::fault:
      out.valve = valve_after_fault_ && in_phase_ms_ < kSpinDownMs;
      break;
    default:
      break;
  }
  return out;
}

CleaningFault Cleaning::forbidden(const CleaningInputs& inputs) const {
  if (inputs.stop) return CleaningFault::stopped;
  if (!inputs.ambient_known || !(inputs.ambient >= kColdest)) return CleaningFault::cold;
  if (!(inputs.ambient <= kHottest)) return CleaningFault::hot;
  if (inputs.panel_hot) return CleaningFault::hot_panel;
  if (inputs.rain) return CleaningFault::rain;
  if (inputs.tank_low) return CleaningFault::tank_empty;
  if (inputs.at_home && inputs.at_end) return CleaningFault::limit_switch;
  if (!inputs.link) return CleaningFault::no_link;
  if (day_.running() && runs_ >= kRunsPerDay) return CleaningFault::too_often;
  return CleaningFault::none;
}

void Cleaning::enter(CleaningPhase phase) {
  phase_ = phase;
  in_phase_ms_ = 0;
}

void Cleaning::fail(CleaningFault fault) {
  valve_after_fault_ = outputs().valve;
  fault_ = fault;
  enter(CleaningPhase::fault);
}

}  // namespace pvf
