// What makes a node this house's node, kept in memory and set over the serial line.
#pragma once

#include <stdint.h>

#include "json_read.h"
#include "json_write.h"
#include "limits.h"
#include "relay.h"

namespace pvf {

constexpr uint16_t kConfigVersion = 1;
constexpr uint8_t kHouseSize = 33;
constexpr uint8_t kPrefixSize = 25;
constexpr uint8_t kUserSize = 17;
constexpr uint8_t kPasswordSize = 25;

struct TransformerConfig {
  // A (rms) for each count (rms), as the parts say, and what that is corrected by.
  float amperes_per_count;
  float gain;
  // Taken off the power, in W.
  float zero_w;
  // How far the current is turned back, positive where it leads.
  float phase_degrees;
  // 1 production, 2 consumption, 3 exchange, 4 to 12 a load, 0 nothing.
  uint8_t channel;
};

// Plain, because it is stored as it is.
struct Config {
  uint16_t version;
  char house[kHouseSize];
  char prefix[kPrefixSize];
  char user[kUserSize];
  char password[kPasswordSize];
  uint8_t hardware[6];
  uint8_t address[4];
  uint8_t mask[4];
  uint8_t gateway[4];
  uint8_t broker[4];
  uint8_t time_server[4];
  uint16_t port;
  // Sensors that are there, a bit each.
  uint8_t sensors;
  bool relays_enabled;
  bool voltage_input;
  // Most power through any channel, and through all relays, 0 if unlimited.
  uint16_t most_power_w;
  uint16_t relay_power_w;
  RelayLimits relays[kRelays];
  // V (rms) for each count (rms), as the parts say, and what that is corrected by.
  float volts_per_count;
  float voltage_gain;
  // Variance of what the converter shows without a current, in counts squared.
  float noise;
  TransformerConfig transformers[kTransformers];

  // Measures, but belongs to no house and switches nothing.
  void set_defaults(uint32_t entropy);
  bool complete() const { return house[0] != '\0'; }
  // Take what an object gives; return false at the first value that does not fit, with
  // some of it taken.
  bool configure(const JsonObject& object);
  bool calibrate(uint8_t transformer, const JsonObject& object);
  // Writes everything but the password and the calibration.
  void write(JsonWriter& json) const;
  void write_calibration(uint8_t transformer, JsonWriter& json) const;
};

}  // namespace pvf
