// MQTT 3.1.1 with QoS 0, a last will and a way back after every kind of loss.
#pragma once

#include <stdint.h>

#include "countdown.h"
#include "limits.h"
#include "link.h"

namespace pvf {

// A message that is written twice: once to know its length, once to send it.
class MqttMessage {
 public:
  virtual void topic(Sink& sink) const = 0;
  virtual void body(Sink& sink) const = 0;
  virtual bool retained() const = 0;

 protected:
  ~MqttMessage() = default;
};

class MqttOwner {
 public:
  virtual void mqtt_client_id(Sink& sink) const = 0;
  virtual const MqttMessage& mqtt_will() const = 0;
  // Empty for a broker that asks for none.
  virtual const char* mqtt_user() const = 0;
  virtual const char* mqtt_password() const = 0;
  // Writes the topic filter number `index`; returns false if there are no more.
  virtual bool mqtt_filter(uint8_t index, Sink& sink) const = 0;
  virtual void mqtt_connected() = 0;
  virtual void mqtt_lost() = 0;
  virtual void mqtt_received(const char* topic, uint16_t topic_size,
                             const char* payload, uint16_t payload_size,
                             bool retained) = 0;

 protected:
  ~MqttOwner() = default;
};

class MqttClient {
 public:
  static constexpr uint16_t kKeepAliveS = 30;

  MqttClient(Link& link, MqttOwner& owner);

  // Lets time pass: connects, reads at most one packet, keeps alive.
  void step(uint32_t elapsed_ms);
  bool connected() const { return state_ == State::ready; }
  // Returns false if it could not be taken now.
  bool publish(const MqttMessage& message);
  // Gives up the connection without a word, and comes back later.
  void drop();
  // Connects anew, because the settings changed.
  void restart();
  // Says when the next attempt is due, in ms.
  uint32_t wait_ms() const { return wait_.left(); }

 private:
  enum class State : uint8_t { waiting, opening, greeting, ready };
  enum class Part : uint8_t { client_id, will_topic, will_body, user, password };

  void read_packet();
  bool take_header(uint8_t byte);
  void handle_packet();
  void handle_publish();
  void send_connect();
  void connect_body(Sink& sink) const;
  void subscribe_body(Sink& sink) const;
  void send_subscribe();
  bool send_bare(uint8_t type);
  void send_ack(uint16_t packet);
  bool begin(uint8_t type, uint16_t size);
  void string(Sink& sink, Part part) const;
  void part(Sink& sink, Part part) const;

  Link& link_;
  MqttOwner& owner_;
  State state_;
  Countdown wait_;
  Countdown patience_;
  Countdown ping_;
  uint16_t backoff_ms_;
  // Of the packet that is coming in.
  uint8_t type_;
  uint8_t header_;
  uint32_t left_;
  uint16_t size_;
  bool oversized_;
  char packet_[kPacketSize];
};

}  // namespace pvf
