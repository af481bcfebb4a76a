// A node out of power sensors: counts lifetime energy and writes HTTP reports.
#pragma once

#include <string>

#include "esphome/components/pvf_core/registers.h"
#include "esphome/components/sensor/sensor.h"
#include "esphome/core/component.h"
#include "esphome/core/preferences.h"

namespace esphome::pvf_node {

class PvfNode final : public PollingComponent {
 public:
  // Production, consumption, exchange; in W, taken from the grid is positive.
  void follow(uint8_t flow, sensor::Sensor *sensor);
  void show(uint8_t total, sensor::Sensor *sensor) { shown_[total] = sensor; }

  void setup() override;
  void update() override;
  void dump_config() override;
  void on_shutdown() override { this->save(); }
  float get_setup_priority() const override { return setup_priority::DATA; }

  // The next report, empty until there is anything to report.
  std::string report();

 private:
  static constexpr uint8_t kFlows = 3;

  struct Flow {
    sensor::Sensor *sensor{nullptr};
    uint32_t heard_ms{0};
    bool heard{false};
  };
  struct Stored {
    pvf::Register totals[pvf::kTotals];
    uint32_t sequence;
  };

  bool power(uint8_t flow, float &watts) const;
  bool measured(uint8_t flow, float &watts) const;
  void count(uint8_t total, float watts, uint32_t span_us);
  void save();

  Flow flows_[kFlows];
  sensor::Sensor *shown_[pvf::kTotals]{};
  Stored stored_{};
  ESPPreferenceObject memory_;
  uint32_t counted_us_{0};
  uint32_t saved_ms_{0};
};

}  // namespace esphome::pvf_node
