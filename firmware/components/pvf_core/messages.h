// Writes each topic's message, as docs/node-messages.md says.
#pragma once

#include <stdint.h>

#include "json_write.h"
#include "mqtt.h"
#include "state.h"

namespace pvf {

// In the order in which they are sent when several are due.
enum class Leaf : uint8_t {
  state,
  announcement,
  calibration,
  relay,
  cleaning,
  alarm,
  hours,
  energy,
  temperature,
  production,
  balance,
  grid,
  channel,
  // Over the serial line only.
  configuration,
  will
};

class NodeMessage final : public MqttMessage {
 public:
  NodeMessage(const NodeState& state, const Board& board, Leaf leaf, uint8_t number = 0)
      : state_(state),
        board_(board),
        leaf_(leaf),
        number_(number),
        pin_(leaf == Leaf::relay && board.relay_is_on(static_cast<uint8_t>(number - 1))) {
  }

  void topic(Sink& sink) const override;
  void body(Sink& sink) const override;
  bool retained() const override;
  // What follows the house in the topic.
  void leaf(Sink& sink) const;

 private:
  void announcement(JsonWriter& json) const;
  void announced_relays(JsonWriter& json) const;
  void calibration(JsonWriter& json) const;
  void relay(JsonWriter& json) const;
  void alarm(JsonWriter& json) const;
  void energy(JsonWriter& json) const;
  void production(JsonWriter& json) const;
  void balance(JsonWriter& json) const;
  void grid(JsonWriter& json) const;
  void channel(JsonWriter& json) const;
  void transformer(JsonWriter& json, uint8_t index) const;
  void stamp(JsonWriter& json) const;
#if PVF_FULL
  void cleaning(JsonWriter& json) const;
  void hours(JsonWriter& json) const;
  void temperature(JsonWriter& json) const;
#endif

  const NodeState& state_;
  const Board& board_;
  const Leaf leaf_;
  // Relay or channel from 1, or the alarm's code.
  const uint8_t number_;
  // Of a relay, read once: a pin that changes while the message is counted and written
  // would break the packet.
  const bool pin_;
};

// Writes the hardware address as the node's lasting identity.
void write_identity(Sink& sink, const Config& config);

}  // namespace pvf
