// A gateway: what a node says on its serial line goes to sensors and to MQTT, what is
// commanded goes back. The node is told for as long as somebody listens.
#pragma once

#include <string>
#include <vector>

#include "esphome/components/pvf_core/json_read.h"
#include "esphome/components/pvf_core/line.h"
#include "esphome/components/uart/uart.h"
#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#ifdef USE_SENSOR
#include "esphome/components/sensor/sensor.h"
#endif
#ifdef USE_SWITCH
#include "esphome/components/switch/switch.h"
#endif
#ifdef USE_TIME
#include "esphome/components/time/real_time_clock.h"
#endif

namespace esphome::pvf_serial {

class PvfSerial;

#ifdef USE_SWITCH
// One relay of the node. Its state is what the node says, never what was asked.
class PvfRelay final : public switch_::Switch, public Component {
 public:
  void set_parent(PvfSerial *parent) { parent_ = parent; }
  void set_number(uint8_t number) { number_ = number; }
  // In s.
  void set_lease(uint32_t lease) { lease_ = lease; }
  uint8_t number() const { return number_; }

  void loop() override;
  void heard(const pvf::JsonObject &report);

 protected:
  void write_state(bool state) override;

 private:
  void send();

  PvfSerial *parent_{nullptr};
  uint8_t number_{0};
  uint32_t lease_{60};
  uint32_t sequence_{0};
  uint32_t sent_ms_{0};
  bool wanted_{false};
  // Whether the number of the last command is known.
  bool commanded_{false};
};
#endif

class PvfSerial final : public Component, public uart::UARTDevice, public pvf::Sink {
 public:
  void set_topic(const std::string &prefix, const std::string &house) {
    topic_ = prefix + "/" + house + "/";
  }
#ifdef USE_TIME
  void set_time(time::RealTimeClock *time) { time_ = time; }
#endif
#ifdef USE_SENSOR
  void add_sensor(const char *leaf, const char *key, sensor::Sensor *sensor) {
    values_.push_back({leaf, key, sensor});
  }
#endif
#ifdef USE_SWITCH
  void add_relay(PvfRelay *relay) {
    relay->set_parent(this);
    relays_.push_back(relay);
  }
#endif

  void setup() override;
  void loop() override;
  void dump_config() override;
  float get_setup_priority() const override { return setup_priority::DATA; }

  // Says a line to the node.
  void say(const std::string &leaf, const std::string &payload);
  bool somebody_listens() const;

 private:
  struct Value {
    const char *leaf;
    const char *key;
#ifdef USE_SENSOR
    sensor::Sensor *sensor;
#endif
  };

  void put(char c) override { this->write_byte(static_cast<uint8_t>(c)); }
  void beat();
  void heard();
  void forward(const std::string &leaf, const std::string &payload);
  void commanded(const std::string &topic, const std::string &payload);

  pvf::LineReader lines_{};
  pvf::LineWriter writer_{*this};
  std::string topic_;
  std::vector<Value> values_;
#ifdef USE_SWITCH
  std::vector<PvfRelay *> relays_;
#endif
#ifdef USE_TIME
  time::RealTimeClock *time_{nullptr};
#endif
  uint32_t beat_ms_{0};
  bool time_is_next_{false};
  // Since when MQTT is connected, 0 while it is not.
  uint32_t connected_ms_{0};
};

}  // namespace esphome::pvf_serial
