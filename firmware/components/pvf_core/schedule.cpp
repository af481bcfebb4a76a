#include "schedule.h"

#include <math.h>

#include "flows.h"

namespace pvf {

namespace {

constexpr uint32_t kMeasureMs = 5000;
constexpr uint32_t kReportMs = 30000;
constexpr float kChangeWatts = 10.0f;
constexpr float kChangePart = 0.05f;
constexpr uint8_t kLeaves = static_cast<uint8_t>(Leaf::configuration) + 1;

uint16_t bit_of(Leaf leaf) {
  return static_cast<uint16_t>(1u << static_cast<uint8_t>(leaf));
}

uint8_t lowest(uint16_t bits) {
  uint8_t index = 0;
  while ((bits & 1) == 0) {
    bits >>= 1;
    ++index;
  }
  return index;
}

// Whether there is anything that a message of energy could say.
bool energy_known(const Config& config) {
  if (!config.voltage_input) return false;
  for (const TransformerConfig& transformer : config.transformers) {
    if (transformer.channel != 0) return true;
  }
  return false;
}

}  // namespace

void Schedule::step(const NodeState& state, uint32_t elapsed_ms) {
  if (measure_.step(elapsed_ms)) measurements(state);
  if (!measure_.running()) measure_.set(kMeasureMs);
  if (report_.step(elapsed_ms)) reports(state);
  if (!report_.running()) report_.set(kReportMs);
}

void Schedule::everything(const NodeState& state) {
  add(Leaf::state);
  add(Leaf::announcement);
  measurements(state);
  reports(state);
}

void Schedule::add(Leaf leaf, uint8_t number) {
  due_ = static_cast<uint16_t>(due_ | bit_of(leaf));
  if (leaf == Leaf::relay) {
    relays_ = static_cast<uint8_t>(relays_ | (1u << (number - 1)));
  }
}

void Schedule::measured(const NodeState& state) {
  bool changed = false;
  for (uint8_t i = 0; i < 3; ++i) {
    const Flow flow = flow_of(state.config, state.values, static_cast<uint8_t>(i + 1));
    const float change = fabsf(flow.watts - told_[i]);
    changed = changed ||
              (change >= kChangeWatts && change >= kChangePart * fabsf(told_[i]));
  }
  if (changed) measurements(state);
}

void Schedule::measurements(const NodeState& state) {
  if (!state.measured) return;
  measure_.set(kMeasureMs);
  const bool real = state.values.voltage_present;
  for (uint8_t i = 0; i < 3; ++i) {
    const Flow flow = flow_of(state.config, state.values, static_cast<uint8_t>(i + 1));
    told_[i] = flow.watts;
    if (!flow.known) continue;
    if (i + 1 == kProduction) add(Leaf::production);
    // A balance has no way to say that it is an estimate.
    if (real && i + 1 != kExchange) add(Leaf::balance);
  }
  if (real) add(Leaf::grid);
  for (const TransformerConfig& transformer : state.config.transformers) {
    const uint8_t channel = transformer.channel;
    if (channel != kConsumption && channel <= kExchange) continue;
    channels_ = static_cast<uint16_t>(channels_ | (1u << channel));
    add(Leaf::channel);
  }
}

void Schedule::reports(const NodeState& state) {
  report_.set(kReportMs);
  if (energy_known(state.config)) add(Leaf::energy);
  if (state.config.relays_enabled) {
    for (uint8_t i = 1; i <= kRelays; ++i) add(Leaf::relay, i);
  }
#if PVF_FULL
  if (state.config.sensors != 0) add(Leaf::temperature);
  add(Leaf::cleaning);
#endif
}

bool Schedule::is_due(Leaf leaf) const { return (due_ & bit_of(leaf)) != 0; }

Schedule::Item Schedule::next(const NodeState& state) const {
  Item item{};
  for (uint8_t i = 0; i < kLeaves && !item.found; ++i) {
    item.leaf = static_cast<Leaf>(i);
    switch (item.leaf) {
#if PVF_FULL
      case Leaf::hours:
        item.found = state.link && state.hours.due(0) != nullptr;
        break;
#endif
      case Leaf::alarm:
        item.found = state.alarms.due();
        break;
      default:
        item.found = is_due(item.leaf);
    }
  }
  if (!item.found) return item;
  if (item.leaf == Leaf::relay) item.number = static_cast<uint8_t>(lowest(relays_) + 1);
  if (item.leaf == Leaf::channel) item.number = lowest(channels_);
  if (item.leaf == Leaf::alarm) {
    item.number = static_cast<uint8_t>(state.alarms.next());
  }
  return item;
}

void Schedule::sent(const Item& item, NodeState& state) {
  switch (item.leaf) {
#if PVF_FULL
    case Leaf::hours:
      state.hours.sent(kHoursPerMessage);
      return;
#endif
    case Leaf::alarm:
      state.alarms.sent(static_cast<AlarmCode>(item.number));
      return;
    case Leaf::relay:
      relays_ = static_cast<uint8_t>(relays_ & ~(1u << (item.number - 1)));
      if (relays_ != 0) return;
      break;
    case Leaf::channel:
      channels_ = static_cast<uint16_t>(channels_ & ~(1u << item.number));
      if (channels_ != 0) return;
      break;
    default:
      break;
  }
  due_ = static_cast<uint16_t>(due_ & ~bit_of(item.leaf));
}

}  // namespace pvf
