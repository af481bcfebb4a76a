#include "watch.h"

#include "flows.h"

namespace pvf {

namespace {

constexpr uint32_t kSamplesMs = 3000;
constexpr uint32_t kRestartedMs = 600000;
constexpr uint32_t kSettlingMs = 30000;
constexpr uint32_t kOverloadMs = 60000;
// A motor's start is no overload: this many windows in a row are.
constexpr uint8_t kOverloads = 5;
#if PVF_FULL
constexpr float kHysteresis = 5.0f;
constexpr float kHotPanel = 45.0f;
constexpr float kSunny = 0.2f;
#endif

}  // namespace

#if PVF_FULL

void cleaning_inputs(const NodeState& state, const Board& board,
                     CleaningInputs& inputs) {
  board.read_cleaning(inputs);
  const Thermometer& air = state.sensors[kAmbient];
  inputs.ambient_known = air.known();
  inputs.ambient = air.celsius();
  const Thermometer& module = state.sensors[kModule];
  // Without a sensor on the panel, its production tells whether the sun heats it.
  const uint8_t index = transformer_of(state.config, kProduction);
  inputs.panel_hot =
      module.known()
          ? module.celsius() > kHotPanel
          : index == kNoTransformer || !state.measured ||
                state.values.channels[index].watts >
                    kSunny * static_cast<float>(state.config.most_power_w);
  inputs.link = state.link;
}

#endif

void Watch::begin(bool watchdog_reset, bool configuration_lost) {
  samples_.set(kSamplesMs);
  settling_.set(kSettlingMs);
  restarted_.set(watchdog_reset ? kRestartedMs : 0);
  configuration_lost_ = configuration_lost;
}

void Watch::measured(const NodeState& state) {
  samples_.set(kSamplesMs);
  bool over = (state.values.clipped & ~1u) != 0;
  for (uint8_t i = 0; i < kTransformers; ++i) {
    const float watts = state.values.channels[i].watts;
    const float most = static_cast<float>(state.config.most_power_w);
    over = over || (state.config.transformers[i].channel != 0 && (watts > most || watts < -most));
  }
  overloads_ = over ? static_cast<uint8_t>(overloads_ + (overloads_ < kOverloads)) : 0;
  if (overloads_ == kOverloads) overload_.set(kOverloadMs);
}

bool Watch::step(NodeState& state, Board& board, uint32_t elapsed_ms) {
  set_alarms(state, elapsed_ms);
  state.relays.inhibit(overload_.running());
#if PVF_FULL
  for (Thermometer& sensor : state.sensors) sensor.step(elapsed_ms);
  set_heat_alarms(state);
  for (uint8_t i = 0; i < kFans; ++i) {
    const bool fitted = (state.config.sensors & (1u << kBusbar)) != 0;
    state.fans[i].step(state.sensors[kBusbar], fitted);
    board.set_fan(i, state.fans[i].on());
  }
  CleaningInputs inputs{};
  cleaning_inputs(state, board, inputs);
  const bool changed = state.cleaning.step(inputs, elapsed_ms);
  board.set_cleaning(state.cleaning.outputs());
  return changed;
#else
  (void)board;
  return false;
#endif
}

void Watch::set_alarms(NodeState& state, uint32_t elapsed_ms) {
  samples_.step(elapsed_ms);
  restarted_.step(elapsed_ms);
  settling_.step(elapsed_ms);
  overload_.step(elapsed_ms);
  Alarms& alarms = state.alarms;
  alarms.set(AlarmCode::adc, !samples_.running());
  alarms.set(AlarmCode::configuration, configuration_lost_ && !state.config.complete());
  alarms.set(AlarmCode::watchdog, restarted_.running());
  alarms.set(AlarmCode::relay_stuck, state.relays.stuck() != 0);
  alarms.set(AlarmCode::overload, overload_.running());
  alarms.set(AlarmCode::mains, state.measured && state.config.voltage_input &&
                                   !state.values.voltage_present);
  alarms.step(elapsed_ms);
}

#if PVF_FULL

void Watch::set_heat_alarms(NodeState& state) {
  Alarms& alarms = state.alarms;
  bool missing = false;
  for (uint8_t i = 0; i < kSensors; ++i) {
    const bool fitted = (state.config.sensors & (1u << i)) != 0;
    missing = missing || (fitted && !state.sensors[i].known());
  }
  alarms.set(AlarmCode::sensor, missing && !settling_.running());
  const struct {
    AlarmCode code;
    SensorPlace place;
    float limit;
  } rows[] = {{AlarmCode::busbar_hot, kBusbar, kBusbarLimit},
              {AlarmCode::module_hot, kModule, kModuleLimit}};
  for (const auto& row : rows) {
    const Thermometer& sensor = state.sensors[row.place];
    const float limit = alarms.active(row.code) ? row.limit - kHysteresis : row.limit;
    // A sensor that is lost while it was hot leaves the alarm where it is.
    if (sensor.known()) alarms.set(row.code, sensor.celsius() >= limit);
  }
  alarms.set(AlarmCode::cleaning, state.cleaning.phase() == CleaningPhase::fault);
}

#endif

}  // namespace pvf
