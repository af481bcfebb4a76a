#include "pvf_node.h"

#include <algorithm>
#include <cmath>

#include "esphome/components/pvf_core/push_report.h"
#include "esphome/core/hal.h"
#include "esphome/core/helpers.h"
#include "esphome/core/log.h"

namespace esphome::pvf_node {

namespace {

const char *const TAG = "pvf_node";

constexpr uint8_t kProduction = 0, kConsumption = 1, kExchange = 2;
// A sensor that is silent for so long measures nothing.
constexpr uint32_t kSilentMs = 60000;
constexpr uint32_t kSaveMs = 600000;
// The power of now says nothing of a longer time in which nothing ran.
constexpr uint32_t kLongestUs = 10000000;
// More reports than can be sent between two savings: numbers never come twice.
constexpr uint32_t kSkipped = 2000;

}  // namespace

void PvfNode::follow(uint8_t flow, sensor::Sensor *sensor) {
  flows_[flow].sensor = sensor;
  sensor->add_on_state_callback([this, flow](float) {
    flows_[flow].heard = true;
    flows_[flow].heard_ms = millis();
  });
}

void PvfNode::setup() {
  memory_ = global_preferences->make_preference<Stored>(fnv1_hash("pvf_node"), true);
  if (!memory_.load(&stored_)) stored_ = Stored{};
  stored_.sequence += kSkipped;
  this->save();
  counted_us_ = micros();
}

void PvfNode::dump_config() {
  ESP_LOGCONFIG(TAG, "Node: %u Wh produced, %u Wh consumed",
                static_cast<unsigned>(stored_.totals[pvf::kProduced].watt_hours),
                static_cast<unsigned>(stored_.totals[pvf::kConsumed].watt_hours));
}

bool PvfNode::measured(uint8_t flow, float &watts) const {
  const Flow &from = flows_[flow];
  if (!from.heard || millis() - from.heard_ms > kSilentMs) return false;
  watts = from.sensor->state;
  return std::isfinite(watts);
}

bool PvfNode::power(uint8_t flow, float &watts) const {
  if (flows_[flow].sensor != nullptr) return this->measured(flow, watts);
  // Consumption is production and exchange together.
  float a, b;
  switch (flow) {
    case kProduction:
      if (!measured(kConsumption, a) || !measured(kExchange, b)) return false;
      watts = a - b;
      return true;
    case kConsumption:
      if (!measured(kProduction, a) || !measured(kExchange, b)) return false;
      watts = a + b;
      return true;
    default:
      if (!measured(kProduction, a) || !measured(kConsumption, b)) return false;
      watts = b - a;
      return true;
  }
}

void PvfNode::count(uint8_t total, float watts, uint32_t span_us) {
  pvf::add_energy(stored_.totals[total], watts, span_us);
}

void PvfNode::update() {
  const uint32_t now_us = micros();
  const uint32_t span_us = std::min(now_us - counted_us_, kLongestUs);
  counted_us_ = now_us;
  float watts;
  if (this->power(kProduction, watts)) this->count(pvf::kProduced, watts, span_us);
  if (this->power(kConsumption, watts)) this->count(pvf::kConsumed, watts, span_us);
  if (this->power(kExchange, watts)) {
    this->count(pvf::kImported, watts, span_us);
    this->count(pvf::kExported, -watts, span_us);
  }
  for (uint8_t i = 0; i < pvf::kTotals; ++i) {
    const float shown = static_cast<float>(stored_.totals[i].watt_hours);
    if (shown_[i] != nullptr && shown_[i]->state != shown) {
      shown_[i]->publish_state(shown);
    }
  }
  if (millis() - saved_ms_ >= kSaveMs) this->save();
}

void PvfNode::save() {
  saved_ms_ = millis();
  memory_.save(&stored_);
}

std::string PvfNode::report() {
  struct Text final : pvf::Sink {
    void put(char c) override { text += c; }
    std::string text;
  } sink;
  float load;
  if (!this->power(kConsumption, load)) return "";
  pvf::write_push_report(sink, stored_.totals[pvf::kProduced],
                         stored_.totals[pvf::kConsumed], load, ++stored_.sequence);
  return sink.text;
}

}  // namespace esphome::pvf_node
