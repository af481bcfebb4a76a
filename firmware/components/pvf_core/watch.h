// Looks after what is hot, wet or wrong, once a step.
#pragma once

#include <stdint.h>

#include "state.h"

namespace pvf {

#if PVF_FULL
// What the robot has to know before and while it runs.
void cleaning_inputs(const NodeState& state, const Board& board,
                     CleaningInputs& inputs);
#endif

class Watch {
 public:
  void begin(bool watchdog_reset, bool configuration_lost);
  // Lets time pass; returns whether the robot changed its phase.
  bool step(NodeState& state, Board& board, uint32_t elapsed_ms);
  // A window of samples came.
  void measured(const NodeState& state);

 private:
  void set_alarms(NodeState& state, uint32_t elapsed_ms);
#if PVF_FULL
  void set_heat_alarms(NodeState& state);
#endif

  Countdown samples_;
  Countdown restarted_;
  Countdown settling_;
  // Holds the relays off for a while after an overload.
  Countdown overload_;
  uint8_t overloads_ = 0;
  bool configuration_lost_ = false;
};

}  // namespace pvf
