// A node: samples, commands and time in, messages and switched pins out.
#pragma once

#include <stdint.h>

#include "commands.h"
#include "hour_log.h"
#include "line.h"
#include "memory.h"
#include "mqtt.h"
#include "ring.h"
#include "schedule.h"
#include "state.h"
#include "watch.h"

namespace pvf {

class Node final : private MqttOwner {
 public:
  static constexpr uint16_t kConfigAddress = 0;
  static constexpr uint8_t kConfigSlots = 2;
  static constexpr uint16_t kEnergyAddress =
      kConfigAddress + kConfigSlots * Ring::slot_size(sizeof(Config));
  static constexpr uint16_t kHoursAddress =
      kEnergyAddress + kEnergySlots * Ring::slot_size(sizeof(Counters));
#if PVF_FULL
  static constexpr uint16_t kMemoryEnd = kHoursAddress + HourLog::kSize;
#else
  static constexpr uint16_t kMemoryEnd = kHoursAddress;
#endif
  static_assert(kMemoryEnd <= kMemorySize, "the memory is too small");

  // `line` and `lines` are the serial line, out and in. A board without a network has
  // a link that never opens.
  Node(Board& board, Memory& memory, Link& link, Sink& line, LineReader& lines);

  // `entropy` makes the identity of a node that never had one.
  void begin(bool watchdog_reset, uint32_t entropy);
  // Lets time pass up to `now_ms`, which may wrap.
  void step(uint32_t now_ms);
  void measure(const Window& window);
#if PVF_FULL
  void set_time(uint32_t unix_seconds, uint16_t millis = 0);
  // What a sensor sent, nullptr if nothing came.
  void temperature(SensorPlace place, const uint8_t* scratchpad);
#endif

  const NodeState& state() const { return state_; }
  bool connected() const { return mqtt_.connected(); }
  // Whether the network has to be set up anew, once after every change of it.
  bool network_changed();

 private:
  void mqtt_client_id(Sink& sink) const override;
  const MqttMessage& mqtt_will() const override { return will_; }
  const char* mqtt_user() const override { return state_.config.user; }
  const char* mqtt_password() const override { return state_.config.password; }
  bool mqtt_filter(uint8_t index, Sink& sink) const override;
  void mqtt_connected() override;
  void mqtt_lost() override;
  void mqtt_received(const char* topic, uint16_t topic_size, const char* payload,
                     uint16_t payload_size, bool retained) override;

#if PVF_FULL
  void show_alert(const char* payload, uint16_t size);
  void step_hours();
#endif
  void receive_line();
  void configure(const char* payload, uint16_t size);
  void command(const char* leaf, uint16_t leaf_size, const char* payload,
               uint16_t payload_size, bool retained);
  void answer(const Answer& answer);
  void count_energy();
  void save_energy(uint32_t elapsed_ms);
  void say_next();
  void say_on_line(const NodeMessage& message);
  void set_link(bool link);
  void begin_relays(PinReason reason);

  Board& board_;
  MqttClient mqtt_;
  LineWriter line_;
  LineReader& lines_;
  NodeState state_;
  Commands commands_;
  Schedule schedule_;
  Watch watch_;
  Ring config_ring_;
  Ring energy_ring_;
#if PVF_FULL
  HourLog hour_log_;
#endif
  const NodeMessage will_;
  // What is being written to memory.
  Counters written_;
  Countdown save_;
  // A gateway at the serial line renews this while it has a broker.
  Countdown gateway_;
  uint32_t last_ms_;
  bool started_;
  bool calibrating_;
  bool network_changed_;
};

}  // namespace pvf
