#include "pvf_serial.h"

#include <cinttypes>
#include <cstdio>

#include "esphome/core/hal.h"
#include "esphome/core/log.h"
#ifdef USE_API
#include "esphome/components/api/api_server.h"
#endif
#ifdef USE_MQTT
#include "esphome/components/mqtt/mqtt_client.h"
#endif

namespace esphome::pvf_serial {

namespace {

const char *const TAG = "pvf_serial";

// The node takes a gateway for gone after 30 s. It takes one line at a time, so that
// the link and the time go in turn.
constexpr uint32_t kBeatMs = 5000;
// Whatever a broker retained comes at once after the connection. ESPHome does not tell
// that it was retained, and a retained command must never switch anything.
constexpr uint32_t kRetainedMs = 3000;

const pvf::Flash *flash(const char *text) {
  return reinterpret_cast<const pvf::Flash *>(text);
}

bool retained(const std::string &leaf, const std::string &payload) {
  return leaf == "stato" || leaf == "annuncio" ||
         (leaf == "energia" && payload.find("\"ore\"") == std::string::npos);
}

}  // namespace

void PvfSerial::setup() {
#ifdef USE_MQTT
  const auto take = [this](const std::string &topic, const std::string &payload) {
    this->commanded(topic, payload);
  };
  mqtt::global_mqtt_client->subscribe(topic_ + "cmd/#", take);
  mqtt::global_mqtt_client->subscribe(topic_ + "alert", take);
#endif
}

void PvfSerial::dump_config() {
  ESP_LOGCONFIG(TAG, "Node below %s", topic_.c_str());
}

bool PvfSerial::somebody_listens() const {
  bool found = false;
#ifdef USE_MQTT
  found = found || mqtt::global_mqtt_client->is_connected();
#endif
#ifdef USE_API
  found = found || api::global_api_server->is_connected();
#endif
  return found;
}

void PvfSerial::loop() {
  const uint32_t now = millis();
#ifdef USE_MQTT
  const bool connected = mqtt::global_mqtt_client->is_connected();
  if (!connected && connected_ms_ != 0) {
    // So that it tells everything again when the broker is back.
    this->say("link", "{\"on\":false}");
  }
  connected_ms_ = !connected ? 0 : connected_ms_ != 0 ? connected_ms_ : now | 1;
#endif
  if (now - beat_ms_ >= kBeatMs) {
    beat_ms_ = now;
    this->beat();
  }
  uint8_t byte;
  while (this->available() > 0 && this->read_byte(&byte)) {
    lines_.put(static_cast<char>(byte));
    if (!lines_.ready()) continue;
    this->heard();
    lines_.release();
  }
}

void PvfSerial::beat() {
  time_is_next_ = !time_is_next_;
  if (time_is_next_) {
    this->say("link", somebody_listens() ? "{\"on\":true}" : "{\"on\":false}");
    return;
  }
#ifdef USE_TIME
  if (time_ == nullptr || !time_->now().is_valid()) return;
  char body[24];
  std::snprintf(body, sizeof(body), "{\"t\":%" PRIu32 "}",
                static_cast<uint32_t>(time_->now().timestamp));
  this->say("ora", body);
#endif
}

void PvfSerial::say(const std::string &leaf, const std::string &payload) {
  writer_.begin();
  for (const char c : leaf + " " + payload) {
    // What would begin another line: a command could bring one of its own, with settings
    // that are nobody's business over the network.
    if (c == '$') {
      for (const char *escape = "\\u0024"; *escape != '\0'; ++escape) writer_.put(*escape);
    } else {
      writer_.put(static_cast<uint8_t>(c) < 0x20 ? ' ' : c);
    }
  }
  writer_.end();
}

void PvfSerial::heard() {
  const std::string leaf(lines_.leaf(), lines_.leaf_size());
  pvf::JsonObject object;
  if (!object.parse(lines_.payload(), lines_.payload_size())) {
    ESP_LOGW(TAG, "What the node says of %s is no object", leaf.c_str());
    return;
  }
#ifdef USE_SENSOR
  for (const Value &value : values_) {
    float number;
    if (leaf == value.leaf && object.find(flash(value.key)).decimal(number)) {
      value.sensor->publish_state(number);
    }
  }
#endif
#ifdef USE_SWITCH
  for (PvfRelay *relay : relays_) {
    if (leaf == "rele/" + std::to_string(relay->number())) relay->heard(object);
  }
#endif
  // Its settings stay between the node and whoever asked for them.
  if (leaf != "conf" && leaf != "alert") {
    this->forward(leaf, std::string(lines_.payload(), lines_.payload_size()));
  }
}

void PvfSerial::forward(const std::string &leaf, const std::string &payload) {
#ifdef USE_MQTT
  mqtt::global_mqtt_client->publish(topic_ + leaf, payload, 0, retained(leaf, payload));
#endif
}

void PvfSerial::commanded(const std::string &topic, const std::string &payload) {
  if (connected_ms_ == 0 || millis() - connected_ms_ < kRetainedMs) {
    ESP_LOGD(TAG, "%s may be retained", topic.c_str());
    return;
  }
  this->say(topic.substr(topic_.size()), payload);
}

#ifdef USE_SWITCH

void PvfRelay::loop() {
  // For as long as somebody is there who could switch it off; else its lease ends.
  const bool due = wanted_ && millis() - sent_ms_ >= lease_ * 1000 / 3;
  if (due && parent_->somebody_listens()) this->send();
}

void PvfRelay::write_state(bool state) {
  wanted_ = state;
  this->send();
}

void PvfRelay::send() {
  sent_ms_ = millis();
  commanded_ = true;
  char body[64];
  std::snprintf(body, sizeof(body), R"({"on":%s,"ttl_s":%)" PRIu32 R"(,"seq":%)" PRIu32 "}",
                wanted_ ? "true" : "false", lease_, ++sequence_);
  parent_->say("cmd/rele/" + std::to_string(number_), body);
}

void PvfRelay::heard(const pvf::JsonObject &report) {
  uint32_t sequence;
  const bool told = report.find(flash("cmd")).counter(sequence);
  // Somebody else may have commanded it: the next command has to be newer.
  if (told && (!commanded_ || static_cast<int32_t>(sequence - sequence_) > 0)) {
    commanded_ = true;
    sequence_ = sequence;
    wanted_ = false;
  }
  bool on;
  if (!report.find(flash("on")).flag(on)) return;
  // What its lease ended is not switched on again by itself.
  const bool ended = !on && report.find(flash("motivo")).is(flash("lease"));
  if (ended && told && sequence == sequence_) wanted_ = false;
  this->publish_state(on);
}

#endif

}  // namespace esphome::pvf_serial
