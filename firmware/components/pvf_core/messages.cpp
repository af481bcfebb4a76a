#include "messages.h"

#include <math.h>

#include "flows.h"
#include "words.h"

namespace pvf {

namespace {

#if PVF_FULL
constexpr uint8_t kFirstLoad = 4;
#endif

void hex_byte(Sink& sink, uint8_t byte) {
  for (uint8_t i = 0; i < 2; ++i) {
    const uint8_t digit = i == 0 ? byte >> 4 : byte & 0xF;
    sink.put(static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10));
  }
}

float power_factor(const ChannelValues& values, float volts) {
  const float apparent = volts * values.amperes;
  if (!(apparent > 1.0f)) return NAN;
  const float factor = values.watts / apparent;
  return factor > 1.0f ? 1.0f : factor < -1.0f ? -1.0f : factor;
}

// Whole watts, as the seed writes them.
void watts(JsonWriter& json, const Flash* key, float value) {
  json.decimal(key, value, 0);
}

}  // namespace

void write_identity(Sink& sink, const Config& config) {
  for (uint8_t byte : config.hardware) hex_byte(sink, byte);
}

void NodeMessage::topic(Sink& sink) const {
  sink.text(state_.config.prefix);
  sink.put('/');
  sink.text(state_.config.house);
  sink.put('/');
  leaf(sink);
}

void NodeMessage::leaf(Sink& sink) const {
  switch (leaf_) {
    case Leaf::state:
    case Leaf::will:
      sink.text(PVF_F("stato"));
      return;
    case Leaf::announcement:
      sink.text(PVF_F("annuncio"));
      return;
    case Leaf::calibration:
      sink.text(PVF_F("calibrazione"));
      return;
    case Leaf::relay:
      sink.text(PVF_F("rele/"));
      break;
    case Leaf::cleaning:
      sink.text(PVF_F("pulizia"));
      return;
    case Leaf::alarm:
      sink.text(PVF_F("allarme"));
      return;
    case Leaf::hours:
    case Leaf::energy:
      sink.text(PVF_F("energia"));
      return;
    case Leaf::temperature:
      sink.text(PVF_F("temperatura"));
      return;
    case Leaf::production:
      sink.text(PVF_F("produzione"));
      return;
    case Leaf::balance:
      sink.text(PVF_F("bilancio"));
      return;
    case Leaf::grid:
      sink.text(PVF_F("rete"));
      return;
    case Leaf::channel:
      sink.text(PVF_F("canale/"));
      break;
    case Leaf::configuration:
      sink.text(PVF_F("conf"));
      return;
  }
  sink.number(number_);
}

bool NodeMessage::retained() const {
  return leaf_ == Leaf::state || leaf_ == Leaf::will || leaf_ == Leaf::announcement ||
         leaf_ == Leaf::energy;
}

void NodeMessage::body(Sink& sink) const {
  JsonWriter json(sink);
  json.open(nullptr, '{');
  switch (leaf_) {
    case Leaf::state:
      json.text(PVF_F("stato"), PVF_F("online"));
      break;
    case Leaf::will:
      json.text(PVF_F("stato"), PVF_F("offline"));
      json.counter(PVF_F("boot"), state_.counters.boot);
      json.close('}');
      return;
    case Leaf::announcement:
      announcement(json);
      break;
    case Leaf::calibration:
      calibration(json);
      break;
    case Leaf::relay:
      relay(json);
      break;
    case Leaf::alarm:
      alarm(json);
      break;
    case Leaf::energy:
      energy(json);
      break;
    case Leaf::production:
      production(json);
      break;
    case Leaf::balance:
      balance(json);
      break;
    case Leaf::grid:
      grid(json);
      break;
    case Leaf::channel:
      channel(json);
      break;
    case Leaf::configuration:
      state_.config.write(json);
      break;
#if PVF_FULL
    case Leaf::cleaning:
      cleaning(json);
      break;
    case Leaf::hours:
      energy(json);
      hours(json);
      break;
    case Leaf::temperature:
      temperature(json);
      break;
#endif
    default:
      break;
  }
  stamp(json);
  json.close('}');
}

void NodeMessage::stamp(JsonWriter& json) const {
#if PVF_FULL
  if (state_.clock.known()) json.counter(PVF_F("t"), state_.clock.seconds());
#endif
  json.counter(PVF_F("seq"), state_.sequence);
  json.counter(PVF_F("boot"), state_.counters.boot);
}

void NodeMessage::announcement(JsonWriter& json) const {
  const Config& config = state_.config;
  char identity[13];
  BufferSink sink(identity, sizeof(identity));
  write_identity(sink, config);
  json.text(PVF_F("id"), identity);
  json.text(PVF_F("marca"), PVF_F("Comunita"));
  json.text(PVF_F("modello"), board_.model());
  json.text(PVF_F("fw"), PVF_F(PVF_FIRMWARE_VERSION));
#if PVF_FULL
  json.open(PVF_F("canali"), '[');
  for (const TransformerConfig& transformer : config.transformers) {
    const uint8_t number = transformer.channel;
    if (number < kFirstLoad) continue;
    json.open(nullptr, '{');
    json.counter(PVF_F("n"), number);
    json.text(PVF_F("ruolo"), PVF_F("carico"));
    json.close('}');
  }
  json.close(']');
#endif
  announced_relays(json);
  json.open(PVF_F("funzioni"), '[');
  json.text(nullptr, PVF_F("calibra"));
#if PVF_FULL
  json.text(nullptr, PVF_F("ore"));
  json.text(nullptr, PVF_F("pulizia"));
  json.text(nullptr, PVF_F("temperatura"));
#endif
  json.close(']');
  json.open(PVF_F("limiti"), '{');
  json.counter(PVF_F("potenza_w"), config.most_power_w);
#if PVF_FULL
  json.counter(PVF_F("ore"), kKeptHours);
#endif
  json.close('}');
}

void NodeMessage::announced_relays(JsonWriter& json) const {
  json.open(PVF_F("rele"), '[');
  for (uint8_t i = 0; i < kRelays && state_.config.relays_enabled; ++i) {
    const RelayLimits& limits = state_.config.relays[i];
    json.open(nullptr, '{');
    json.counter(PVF_F("n"), i + 1u);
    json.counter(PVF_F("min_on_s"), limits.min_on_s);
    json.counter(PVF_F("min_off_s"), limits.min_off_s);
    json.counter(PVF_F("avvii_ora"), limits.starts_per_hour);
    json.counter(PVF_F("ttl_max_s"), limits.longest_lease_s);
    if (limits.power_w != 0) json.counter(PVF_F("potenza_w"), limits.power_w);
    json.close('}');
  }
  json.close(']');
}

void NodeMessage::calibration(JsonWriter& json) const {
  const CalibrationRequest& request = state_.calibration;
  json.counter(PVF_F("canale"), request.channel);
  json.counter(PVF_F("cmd"), request.sequence);
  json.text(PVF_F("esito"), word_of(request.outcome));
  const uint8_t index = transformer_of(state_.config, request.channel);
  if (index == kNoTransformer) return;
  const MeterValues& values = state_.values;
  const ChannelValues& channel = values.channels[index];
  const bool good = values.voltage_present;
  json.decimal(PVF_F("v"), good ? values.volts : NAN, 2);
  json.decimal(PVF_F("a"), channel.amperes, 3);
  json.decimal(PVF_F("w"), channel.watts, 2);
  json.decimal(PVF_F("var"), good ? channel.vars : NAN, 2);
  state_.config.write_calibration(index, json);
}

void NodeMessage::relay(JsonWriter& json) const {
  const uint8_t index = static_cast<uint8_t>(number_ - 1);
  const Relay& relay = state_.relays.relay(index);
  json.flag(PVF_F("on"), pin_);
  json.text(PVF_F("motivo"), word_of(relay.reason()));
  if (relay.commanded()) json.counter(PVF_F("cmd"), relay.sequence());
  if (relay.outcome() != Outcome::none) {
    json.text(PVF_F("esito"), word_of(relay.outcome()));
  }
  if (relay.wait_s() != 0) json.counter(PVF_F("attesa_s"), relay.wait_s());
  if (relay.on()) json.counter(PVF_F("resta_s"), relay.lease_s());
  json.counter(PVF_F("avvii"), state_.starts(index));
}

void NodeMessage::alarm(JsonWriter& json) const {
  const AlarmCode code = static_cast<AlarmCode>(number_);
  json.text(PVF_F("codice"), word_of(code));
  json.flag(PVF_F("attivo"), state_.alarms.active(code));
#if PVF_FULL
  if (code == AlarmCode::busbar_hot || code == AlarmCode::module_hot) {
    const bool busbar = code == AlarmCode::busbar_hot;
    const Thermometer& sensor = state_.sensors[busbar ? kBusbar : kModule];
    json.decimal(PVF_F("valore"), sensor.known() ? sensor.celsius() : NAN, 1);
    json.decimal(PVF_F("soglia"), busbar ? kBusbarLimit : kModuleLimit, 0);
  }
#endif
}

void NodeMessage::energy(JsonWriter& json) const {
  static_assert(kTotals == 4, "a key for each register");
  const Counters& counters = state_.counters;
  for (uint8_t i = 0; i < kTotals; ++i) {
    if (!total_known(state_.config, i)) continue;
    const Flash* key = i == kProduced   ? PVF_F("prodotta_wh")
                       : i == kConsumed ? PVF_F("consumata_wh")
                       : i == kImported ? PVF_F("importata_wh")
                                        : PVF_F("esportata_wh");
    json.counter(key, counters.totals[i].watt_hours);
  }
#if PVF_FULL
  json.open(PVF_F("canali"), '[');
  for (uint8_t i = 0; i < kTransformers; ++i) {
    if (state_.config.transformers[i].channel < kFirstLoad) continue;
    json.open(nullptr, '[');
    json.counter(nullptr, state_.config.transformers[i].channel);
    json.counter(nullptr, counters.loads[i].forward.watt_hours);
    json.counter(nullptr, counters.loads[i].back.watt_hours);
    json.close(']');
  }
  json.close(']');
#endif
}

void NodeMessage::production(JsonWriter& json) const {
  const Flow flow = flow_of(state_.config, state_.values, kProduction);
  watts(json, PVF_F("potenza_w"), flow.watts);
  const uint8_t index = transformer_of(state_.config, kProduction);
  if (index != kNoTransformer) transformer(json, index);
}

void NodeMessage::balance(JsonWriter& json) const {
  const Flow produced = flow_of(state_.config, state_.values, kProduction);
  const Flow consumed = flow_of(state_.config, state_.values, kConsumption);
  if (produced.known) watts(json, PVF_F("produzione_w"), produced.watts);
  if (consumed.known) watts(json, PVF_F("consumo_w"), consumed.watts);
}

void NodeMessage::grid(JsonWriter& json) const {
  const MeterValues& values = state_.values;
  json.decimal(PVF_F("v"), values.volts, 1);
  json.decimal(PVF_F("hz"), values.hertz, 2);
  const Flow exchanged = flow_of(state_.config, values, kExchange);
  if (exchanged.known) watts(json, PVF_F("scambio_w"), exchanged.watts);
  const uint8_t index = transformer_of(state_.config, kExchange);
  if (index == kNoTransformer) return;
  json.decimal(PVF_F("a"), values.channels[index].amperes, 2);
  json.decimal(PVF_F("fp"), power_factor(values.channels[index], values.volts), 3);
}

void NodeMessage::channel(JsonWriter& json) const {
  const uint8_t index = transformer_of(state_.config, number_);
  watts(json, PVF_F("potenza_w"), state_.values.channels[index].watts);
  transformer(json, index);
}

void NodeMessage::transformer(JsonWriter& json, uint8_t index) const {
  const MeterValues& values = state_.values;
  const ChannelValues& channel = values.channels[index];
  if (!values.voltage_present) {
    json.decimal(PVF_F("a"), channel.amperes, 2);
    json.decimal(PVF_F("va"), channel.watts, 0);
    json.flag(PVF_F("stima"), true);
    return;
  }
  json.decimal(PVF_F("v"), values.volts, 1);
  json.decimal(PVF_F("a"), channel.amperes, 2);
  json.decimal(PVF_F("fp"), power_factor(channel, values.volts), 3);
  json.decimal(PVF_F("va"), channel.amperes * values.volts, 0);
}

#if PVF_FULL

void NodeMessage::hours(JsonWriter& json) const {
  json.open(PVF_F("ore"), '[');
  for (uint8_t i = 0; i < kHoursPerMessage; ++i) {
    const Hour* hour = state_.hours.due(i);
    if (hour == nullptr) break;
    json.open(nullptr, '[');
    json.counter(nullptr, hour->start);
    for (uint8_t total = 0; total < kTotals; ++total) {
      if (total_known(state_.config, total)) {
        json.counter(nullptr, hour->energy_wh[total]);
      } else {
        json.null(nullptr);
      }
    }
    json.close(']');
  }
  json.close(']');
}

void NodeMessage::cleaning(JsonWriter& json) const {
  json.text(PVF_F("fase"), word_of(state_.cleaning.phase()));
  if (state_.cleaning.fault() != CleaningFault::none) {
    json.text(PVF_F("guasto"), word_of(state_.cleaning.fault()));
  }
  json.counter(PVF_F("corse"), state_.cleaning.runs());
}

void NodeMessage::temperature(JsonWriter& json) const {
  for (uint8_t i = 0; i < kSensors; ++i) {
    if ((state_.config.sensors & (1u << i)) == 0) continue;
    const Flash* key = i == kModule    ? PVF_F("modulo")
                       : i == kBusbar  ? PVF_F("diodi")
                       : i == kAmbient ? PVF_F("ambiente")
                                       : PVF_F("quadro");
    const Thermometer& sensor = state_.sensors[i];
    json.decimal(key, sensor.known() ? sensor.celsius() : NAN, 1);
  }
  json.open(PVF_F("ventole"), '[');
  for (const FanControl& fan : state_.fans) json.flag(nullptr, fan.on());
  json.close(']');
}

#endif

}  // namespace pvf
