// Does what arrives, from the broker or over the serial line.
#pragma once

#include <stdint.h>

#include "json_read.h"
#include "messages.h"
#include "state.h"

namespace pvf {

// What a command makes the node say, and to whom.
struct Answer {
  // A configuration that was changed is stored, one that was spoiled comes back.
  // A measured one waits for a whole window, so that no two samples are the same.
  enum Kind : uint8_t { nothing, message, measured, everything, stored, spoiled } kind;
  Leaf leaf;
  uint8_t number;
};

class Commands {
 public:
  Commands(NodeState& state, Board& board)
      : state_(state), board_(board), last_(), seen_(0) {}

  // `leaf` is what follows the house in the topic.
  Answer receive(const char* leaf, uint16_t leaf_size, const char* payload,
                 uint16_t payload_size, bool retained);
  // Every first command after a start is new.
  void forget();

 private:
  enum Kind : uint8_t { calibrate, clean, hours, announce, kinds };

  Answer relay(uint8_t number, const JsonObject& object, bool valid, bool retained);
  Answer calibration(const JsonObject& object, uint32_t sequence);
  Answer cleaning(const JsonObject& object);
  // Whether a command is neither a copy nor from before.
  bool fresh(Kind kind, uint32_t sequence);

  NodeState& state_;
  Board& board_;
  uint32_t last_[kinds];
  uint8_t seen_;
};

}  // namespace pvf
