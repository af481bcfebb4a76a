// Which messages are due: by time, by a change, or because somebody asked.
#pragma once

#include <stdint.h>

#include "countdown.h"
#include "messages.h"
#include "state.h"

namespace pvf {

class Schedule {
 public:
  struct Item {
    bool found;
    Leaf leaf;
    uint8_t number;
  };

  void step(const NodeState& state, uint32_t elapsed_ms);
  // Everything is due, for a listener that just came.
  void everything(const NodeState& state);
  void add(Leaf leaf, uint8_t number = 0);
  // New values: due at once where they changed by 5 % and 10 W.
  void measured(const NodeState& state);
  // What to say next. Hours wait until somebody hears them.
  Item next(const NodeState& state) const;
  void sent(const Item& item, NodeState& state);

 private:
  void measurements(const NodeState& state);
  void reports(const NodeState& state);
  bool is_due(Leaf leaf) const;

  uint16_t due_;
  uint16_t channels_;
  uint8_t relays_;
  Countdown measure_;
  Countdown report_;
  float told_[3];
};

}  // namespace pvf
