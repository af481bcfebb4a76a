#include "config.h"

#include <string.h>

#include "fields.h"

namespace pvf {

namespace {

constexpr uint8_t kMostChannel = PVF_FULL ? 12 : 3;
constexpr uint8_t kSecret = 1;

// The password is the first, so that it can be left out when the rest is told.
const Field kFields[] PVF_TABLE = {
    {"password", FieldKind::text, offsetof(Config, password), 0, kPasswordSize},
    {"casa", FieldKind::name, offsetof(Config, house), 0, kHouseSize},
    {"prefisso", FieldKind::path, offsetof(Config, prefix), 0, kPrefixSize},
    {"utente", FieldKind::text, offsetof(Config, user), 0, kUserSize},
    {"ip", FieldKind::address, offsetof(Config, address), 0, 0},
    {"maschera", FieldKind::address, offsetof(Config, mask), 0, 0},
    {"gateway", FieldKind::address, offsetof(Config, gateway), 0, 0},
    {"broker", FieldKind::address, offsetof(Config, broker), 0, 0},
    {"ntp", FieldKind::address, offsetof(Config, time_server), 0, 0},
    {"porta", FieldKind::word, offsetof(Config, port), 1, 65535},
    {"sensori", FieldKind::byte, offsetof(Config, sensors), 0, (1 << kSensors) - 1},
    {"ingresso_v", FieldKind::flag, offsetof(Config, voltage_input), 0, 0},
    {"rele_attivi", FieldKind::flag, offsetof(Config, relays_enabled), 0, 0},
    {"potenza_w", FieldKind::word, offsetof(Config, most_power_w), 1, 65535},
    {"potenza_rele_w", FieldKind::word, offsetof(Config, relay_power_w), 0, 65535},
    {"scala_v", FieldKind::factor, offsetof(Config, volts_per_count), 0, 1000},
    {"rumore", FieldKind::decimal, offsetof(Config, noise), 0, 100},
};

const Field kTransformerFields[] PVF_TABLE = {
    {"canale", FieldKind::byte, offsetof(TransformerConfig, channel), 0, kMostChannel},
    {"scala_a", FieldKind::factor, offsetof(TransformerConfig, amperes_per_count), 0,
     1000},
};

const Field kRelayFields[] PVF_TABLE = {
    {"min_on_s", FieldKind::word, offsetof(RelayLimits, min_on_s), 0, 65535},
    {"min_off_s", FieldKind::word, offsetof(RelayLimits, min_off_s), 0, 65535},
    {"avvii_ora", FieldKind::byte, offsetof(RelayLimits, starts_per_hour), 1,
     kStartsKept},
    {"ttl_max_s", FieldKind::word, offsetof(RelayLimits, longest_lease_s), 3,
     kLongestLease},
    {"carico_w", FieldKind::word, offsetof(RelayLimits, power_w), 0, 65535},
    {"esclude", FieldKind::byte, offsetof(RelayLimits, excludes), 0,
     (1 << kRelays) - 1},
};

const Field kCalibrationFields[] PVF_TABLE = {
    {"guadagno", FieldKind::factor, offsetof(TransformerConfig, gain), 0, 100},
    {"zero_w", FieldKind::decimal, offsetof(TransformerConfig, zero_w), -1000, 1000},
    {"fase_gradi", FieldKind::decimal, offsetof(TransformerConfig, phase_degrees), -45,
     45},
};

const Field kVoltageFields[] PVF_TABLE = {
    {"guadagno_v", FieldKind::factor, offsetof(Config, voltage_gain), 0, 100},
};

template <uint8_t N>
constexpr uint8_t rows(const Field (&)[N]) {
  return N;
}

// Which of several things an object is about, from 1; 0 if about none of them.
bool number_of(const JsonObject& object, const Flash* key, uint8_t most,
               uint8_t& number) {
  const JsonValue value = object.find(key);
  uint32_t found = 0;
  if (value.given() && !value.counter(found, 1, most)) return false;
  number = static_cast<uint8_t>(found);
  return true;
}

}  // namespace

void Config::set_defaults(uint32_t entropy) {
  memset(this, 0, sizeof(*this));
  version = kConfigVersion;
  BufferSink sink(prefix, sizeof(prefix));
  sink.text(PVF_F("comunita"));
  // A locally administered address that nobody else is likely to have.
  hardware[0] = 0x02;
  hardware[1] = 0x50;
  memcpy(hardware + 2, &entropy, sizeof(entropy));
  port = 1883;
  voltage_input = true;
  most_power_w = 6000;
  // An adaptor and divider that make 300 counts of peak out of 230 V.
  volts_per_count = 230.0f * 1.41421356f / 300.0f;
  voltage_gain = 1.0f;
  noise = 0.33f;
  for (uint8_t i = 0; i < kTransformers; ++i) {
    // Production, exchange, and loads from 4 on.
    transformers[i].channel = static_cast<uint8_t>(i == 0 ? 1 : i + 2);
    // SCT-013-000 (2000 turns) with 62 ohm, and a reference of 5 V.
    transformers[i].amperes_per_count = 5.0f / 1024.0f * 2000.0f / 62.0f;
    transformers[i].gain = 1.0f;
  }
  for (RelayLimits& relay : relays) {
    relay.min_on_s = relay.min_off_s = 60;
    relay.longest_lease_s = kLongestLease;
    relay.starts_per_hour = kStartsKept;
  }
}

bool Config::configure(const JsonObject& object) {
  uint8_t transformer, relay;
  if (!read_fields(object, kFields, rows(kFields), this) ||
      !number_of(object, PVF_F("ct"), kTransformers, transformer) ||
      !number_of(object, PVF_F("rele"), kRelays, relay)) {
    return false;
  }
  if (transformer != 0 &&
      !read_fields(object, kTransformerFields, rows(kTransformerFields),
                   &transformers[transformer - 1])) {
    return false;
  }
  return relay == 0 || read_fields(object, kRelayFields, rows(kRelayFields),
                                   &relays[relay - 1]);
}

bool Config::calibrate(uint8_t transformer, const JsonObject& object) {
  return read_fields(object, kCalibrationFields, rows(kCalibrationFields),
                     &transformers[transformer]) &&
         read_fields(object, kVoltageFields, rows(kVoltageFields), this);
}

void Config::write(JsonWriter& json) const {
  write_fields(json, kFields + kSecret, rows(kFields) - kSecret, this);
  json.open(PVF_F("canali"), '[');
  for (const TransformerConfig& transformer : transformers) {
    json.counter(nullptr, transformer.channel);
  }
  json.close(']');
}

void Config::write_calibration(uint8_t transformer, JsonWriter& json) const {
  write_fields(json, kCalibrationFields, rows(kCalibrationFields),
               &transformers[transformer]);
  write_fields(json, kVoltageFields, rows(kVoltageFields), this);
}

}  // namespace pvf
