#include "commands.h"

#include "flows.h"
#include "watch.h"

namespace pvf {

namespace {

Answer say(Leaf leaf, uint8_t number = 0) {
  Answer answer{};
  answer.kind = Answer::message;
  answer.leaf = leaf;
  answer.number = number;
  return answer;
}

}  // namespace

Answer Commands::receive(const char* leaf, uint16_t leaf_size, const char* payload,
                         uint16_t payload_size, bool retained) {
  JsonObject object;
  const bool good = object.parse(payload, payload_size);
  if (leaf_size == 10 && equals(leaf, 9, PVF_F("cmd/rele/"))) {
    const uint8_t number = static_cast<uint8_t>(leaf[9] - '0');
    if (number < 1 || number > kRelays) return Answer();
    return relay(number, object, good, retained);
  }
  uint32_t sequence;
  if (retained || !good || !object.find(PVF_F("seq")).counter(sequence)) {
    return Answer();
  }
  if (equals(leaf, leaf_size, PVF_F("cmd/calibra"))) {
    return fresh(calibrate, sequence) ? calibration(object, sequence) : Answer();
  }
#if PVF_FULL
  if (equals(leaf, leaf_size, PVF_F("cmd/pulizia"))) {
    return fresh(clean, sequence) ? cleaning(object) : Answer();
  }
  if (equals(leaf, leaf_size, PVF_F("cmd/ore"))) {
    uint32_t since;
    if (fresh(hours, sequence) && object.find(PVF_F("da")).counter(since)) {
      state_.hours.ask(since);
    }
    return Answer();
  }
#endif
  if (equals(leaf, leaf_size, PVF_F("cmd/annuncia")) && fresh(announce, sequence)) {
    Answer answer{};
    answer.kind = Answer::everything;
    return answer;
  }
  return Answer();
}

void Commands::forget() { seen_ = 0; }

bool Commands::fresh(Kind kind, uint32_t sequence) {
  const uint8_t bit = static_cast<uint8_t>(1u << kind);
  if ((seen_ & bit) != 0 && !after(sequence, last_[kind])) return false;
  seen_ = static_cast<uint8_t>(seen_ | bit);
  last_[kind] = sequence;
  return true;
}

Answer Commands::relay(uint8_t number, const JsonObject& object, bool valid,
                       bool retained) {
  RelayCommand command{};
  command.retained = retained;
  command.valid = valid && object.find(PVF_F("seq")).counter(command.sequence) &&
                  object.find(PVF_F("on")).flag(command.on);
  if (command.valid) {
    object.find(PVF_F("ttl_s")).counter(command.lease_s, 1, kLongestLease);
  }
  state_.relays.command(static_cast<uint8_t>(number - 1), command);
  return say(Leaf::relay, number);
}

Answer Commands::calibration(const JsonObject& object, uint32_t sequence) {
  uint32_t channel;
  if (!object.find(PVF_F("canale")).counter(channel, 1, 12)) return Answer();
  CalibrationRequest& request = state_.calibration;
  request.channel = static_cast<uint8_t>(channel);
  request.sequence = sequence;
  request.outcome = Outcome::invalid;
  const uint8_t index = transformer_of(state_.config, request.channel);
  const JsonValue action = object.find(PVF_F("azione"));
  if (index == kNoTransformer) return say(Leaf::calibration);
  Answer answer = say(Leaf::calibration);
  if (action.is(PVF_F("leggi"))) {
    request.outcome = Outcome::done;
    answer.kind = Answer::measured;
    return answer;
  }
  if (!action.is(PVF_F("scrivi"))) return answer;
  const bool good = state_.config.calibrate(index, object);
  if (good) request.outcome = Outcome::done;
  answer.kind = good ? Answer::stored : Answer::spoiled;
  return answer;
}

#if PVF_FULL

Answer Commands::cleaning(const JsonObject& object) {
  const JsonValue action = object.find(PVF_F("azione"));
  CleaningInputs inputs{};
  cleaning_inputs(state_, board_, inputs);
  if (action.is(PVF_F("avvia"))) {
    state_.cleaning.start(inputs);
  } else if (action.is(PVF_F("ferma"))) {
    state_.cleaning.stop();
  } else if (action.is(PVF_F("reset"))) {
    state_.cleaning.reset(inputs);
  }
  return say(Leaf::cleaning);
}

#endif

}  // namespace pvf
