#include "node.h"

#include <string.h>

#include "flows.h"

namespace pvf {

namespace {

constexpr uint32_t kSaveMs = 600000;
constexpr uint32_t kGatewayMs = 30000;

}  // namespace

Node::Node(Board& board, Memory& memory, Link& link, Sink& line, LineReader& lines)
    : board_(board),
      mqtt_(link, *this),
      line_(line),
      lines_(lines),
      state_(),
      commands_(state_, board),
      schedule_(),
      watch_(),
      config_ring_(memory, kConfigAddress, sizeof(Config), kConfigSlots),
      energy_ring_(memory, kEnergyAddress, sizeof(Counters), kEnergySlots),
#if PVF_FULL
      hour_log_(memory, kHoursAddress),
#endif
      will_(state_, board, Leaf::will),
      written_(),
      save_(),
      gateway_(),
      last_ms_(0),
      started_(false),
      calibrating_(false),
      network_changed_(true) {}

void Node::begin(bool watchdog_reset, uint32_t entropy) {
  Config& config = state_.config;
  const bool loaded = config_ring_.load(&config) && config.version == kConfigVersion;
  if (!loaded) {
    config.set_defaults(entropy);
    config_ring_.save(&config);
    config_ring_.finish();
  }
  if (!energy_ring_.load(&state_.counters)) state_.counters = Counters();
#if PVF_FULL
  hour_log_.load(state_.hours);
  state_.hours.restore(state_.counters.hour, state_.counters.totals);
#endif
  ++state_.counters.boot;
  written_ = state_.counters;
  energy_ring_.save(&written_);
  save_.set(kSaveMs);
  begin_relays(watchdog_reset ? PinReason::watchdog : PinReason::boot);
  watch_.begin(watchdog_reset, !loaded);
  commands_.forget();
}

void Node::begin_relays(PinReason reason) {
  const Config& config = state_.config;
  state_.relays.begin(board_, config.relays, config.relays_enabled,
                      config.relay_power_w, reason);
}

void Node::step(uint32_t now_ms) {
  const uint32_t elapsed = started_ ? now_ms - last_ms_ : 0;
  last_ms_ = now_ms;
  started_ = true;
#if PVF_FULL
  state_.clock.step(elapsed);
#endif
  // First of all, so that nothing that follows can make a lease longer.
  const uint8_t moved = state_.relays.step(elapsed);
  for (uint8_t i = 0; i < kRelays; ++i) {
    if ((moved & (1u << i)) != 0) {
      schedule_.add(Leaf::relay, static_cast<uint8_t>(i + 1));
    }
  }
  if (watch_.step(state_, board_, elapsed)) schedule_.add(Leaf::cleaning);
  gateway_.step(elapsed);
  if (lines_.ready()) {
    receive_line();
    lines_.release();
  }
  if (state_.config.complete()) mqtt_.step(elapsed);
  set_link(mqtt_.connected() || gateway_.running());
  schedule_.step(state_, elapsed);
#if PVF_FULL
  step_hours();
#endif
  save_energy(elapsed);
  say_next();
}

void Node::set_link(bool link) {
#if PVF_FULL
  if (state_.link && !link) state_.hours.link_lost();
#endif
  state_.link = link;
}

void Node::measure(const Window& window) {
  state_.meter.reduce(window, state_.config, state_.values);
  state_.measured = true;
  watch_.measured(state_);
  count_energy();
  state_.meter.steady(state_.values);
  schedule_.measured(state_);
  if (calibrating_) schedule_.add(Leaf::calibration);
  calibrating_ = false;
}

void Node::count_energy() {
  const MeterValues& values = state_.values;
  // An estimate has no place in a register that is taken for measured.
  if (!values.voltage_present) return;
  Counters& counters = state_.counters;
  const float produced = flow_of(state_.config, values, kProduction).watts;
  const float consumed = flow_of(state_.config, values, kConsumption).watts;
  const float exchanged = flow_of(state_.config, values, kExchange).watts;
  add_energy(counters.totals[kProduced], produced, values.span_us);
  add_energy(counters.totals[kConsumed], consumed, values.span_us);
  add_energy(counters.totals[kImported], exchanged, values.span_us);
  add_energy(counters.totals[kExported], -exchanged, values.span_us);
#if PVF_FULL
  for (uint8_t i = 0; i < kTransformers; ++i) {
    if (state_.config.transformers[i].channel <= kExchange) continue;
    const float watts = values.channels[i].watts;
    add_energy(counters.loads[i].forward, watts, values.span_us);
    add_energy(counters.loads[i].back, -watts, values.span_us);
  }
#endif
}

void Node::save_energy(uint32_t elapsed_ms) {
  // A byte at a time: waiting for all of it would make a lease longer.
  config_ring_.step();
  energy_ring_.step();
  save_.step(elapsed_ms);
  if (save_.running() || energy_ring_.busy()) return;
  save_.set(kSaveMs);
  Counters now = state_.counters;
#if PVF_FULL
  now.hour = state_.hours.current();
#endif
  for (uint8_t i = 0; i < kRelays; ++i) now.starts[i] = state_.starts(i);
  if (memcmp(&now, &written_, sizeof(now)) == 0) return;
  written_ = now;
  energy_ring_.save(&written_);
}

#if PVF_FULL

void Node::set_time(uint32_t unix_seconds, uint16_t millis) {
  // Until it is known the clock shows how long the node has been running.
  const uint32_t running = state_.clock.seconds();
  const bool known = state_.clock.known();
  const int32_t moved = state_.clock.set(unix_seconds, millis);
  if (!known) {
    state_.hours.began(unix_seconds - running, unix_seconds);
  } else if (state_.hours.moved(moved)) {
    hour_log_.clear();
  }
}

void Node::step_hours() {
  if (state_.clock.known()) {
    state_.hours.step(state_.clock.seconds(), state_.counters.totals, state_.link);
  }
  Hour hour;
  if (state_.hours.take_kept(hour)) {
    hour_log_.save(hour);
    // With the hour's end its successor's beginning is known.
    save_.set(0);
  }
  hour_log_.step();
}

void Node::temperature(SensorPlace place, const uint8_t* scratchpad) {
  // One disturbed reading is no fault: the last temperature holds for a minute.
  if (scratchpad != nullptr) state_.sensors[place].take(scratchpad);
}

#endif

bool Node::network_changed() {
  const bool changed = network_changed_;
  network_changed_ = false;
  return changed;
}

void Node::say_next() {
  const Schedule::Item item = schedule_.next(state_);
  if (!item.found) return;
  const NodeMessage message(state_, board_, item.leaf, item.number);
  ++state_.sequence;
  if (mqtt_.connected() && item.leaf != Leaf::configuration &&
      !mqtt_.publish(message)) {
    --state_.sequence;
    return;
  }
  say_on_line(message);
  schedule_.sent(item, state_);
}

void Node::say_on_line(const NodeMessage& message) {
  line_.begin();
  message.leaf(line_);
  line_.put(' ');
  message.body(line_);
  line_.end();
}

void Node::command(const char* leaf, uint16_t leaf_size, const char* payload,
                   uint16_t payload_size, bool retained) {
  // What is still being written must not change.
  config_ring_.finish();
  answer(commands_.receive(leaf, leaf_size, payload, payload_size, retained));
}

void Node::answer(const Answer& answer) {
  switch (answer.kind) {
    case Answer::nothing:
      return;
    case Answer::measured:
      calibrating_ = true;
      return;
    case Answer::everything:
      schedule_.everything(state_);
      state_.alarms.repeat();
      return;
    case Answer::stored:
      config_ring_.save(&state_.config);
      break;
    case Answer::spoiled:
      config_ring_.load(&state_.config);
      break;
    case Answer::message:
      break;
  }
  schedule_.add(answer.leaf, answer.number);
}

void Node::mqtt_client_id(Sink& sink) const {
  sink.text(PVF_F("pvf-"));
  write_identity(sink, state_.config);
}

bool Node::mqtt_filter(uint8_t index, Sink& sink) const {
  if (index > PVF_FULL) return false;
  sink.text(state_.config.prefix);
  sink.put('/');
  sink.text(state_.config.house);
  sink.text(index == 0 ? PVF_F("/cmd/#") : PVF_F("/alert"));
  return true;
}

void Node::mqtt_connected() {
  schedule_.everything(state_);
  state_.alarms.repeat();
}

void Node::mqtt_lost() { set_link(gateway_.running()); }

void Node::mqtt_received(const char* topic, uint16_t topic_size, const char* payload,
                         uint16_t payload_size, bool retained) {
  const uint16_t base = static_cast<uint16_t>(strlen(state_.config.prefix) +
                                              strlen(state_.config.house) + 2);
  // The broker sends what was asked for; a bridge may add to it.
  if (topic_size <= base) return;
#if PVF_FULL
  if (equals(topic + base, static_cast<uint16_t>(topic_size - base), PVF_F("alert"))) {
    show_alert(payload, payload_size);
    return;
  }
#endif
  command(topic + base, static_cast<uint16_t>(topic_size - base), payload, payload_size,
          retained);
}

#if PVF_FULL

void Node::show_alert(const char* payload, uint16_t size) {
  JsonObject object;
  if (!object.parse(payload, size)) return;
  line_.begin();
  line_.text(PVF_F("alert "));
  // A line break between its values would begin another line.
  for (uint16_t i = 0; i < size; ++i) {
    line_.put(static_cast<uint8_t>(payload[i]) < 0x20 ? ' ' : payload[i]);
  }
  line_.end();
}

#endif

void Node::receive_line() {
  const char* leaf = lines_.leaf();
  const uint16_t size = lines_.leaf_size();
  if (equals(leaf, size, PVF_F("conf"))) {
    configure(lines_.payload(), lines_.payload_size());
    return;
  }
  JsonObject object;
#if PVF_FULL
  if (equals(leaf, size, PVF_F("ora"))) {
    uint32_t time;
    if (object.parse(lines_.payload(), lines_.payload_size()) &&
        object.find(PVF_F("t")).counter(time, kEarliestTime, UINT32_MAX)) {
      set_time(time);
    }
    return;
  }
#endif
  if (equals(leaf, size, PVF_F("link"))) {
    bool on;
    if (!object.parse(lines_.payload(), lines_.payload_size()) ||
        !object.find(PVF_F("on")).flag(on)) {
      return;
    }
    if (on && !gateway_.running()) mqtt_connected();
    gateway_.set(on ? kGatewayMs : 0);
    return;
  }
  command(leaf, size, lines_.payload(), lines_.payload_size(), false);
}

void Node::configure(const char* payload, uint16_t size) {
  JsonObject object;
  if (!object.parse(payload, size)) return;
  config_ring_.finish();
  if (!state_.config.configure(object)) {
    // Back to what was whole.
    config_ring_.load(&state_.config);
  } else if (size > 2) {
    config_ring_.save(&state_.config);
    begin_relays(PinReason::boot);
    mqtt_.restart();
    network_changed_ = true;
  }
  schedule_.add(Leaf::configuration);
}

}  // namespace pvf
