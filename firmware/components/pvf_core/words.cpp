#include "words.h"

namespace pvf {

const Flash* word_of(PinReason reason) {
  switch (reason) {
    case PinReason::command:
      return PVF_F("cmd");
    case PinReason::lease:
      return PVF_F("lease");
    case PinReason::interlock:
      return PVF_F("interlock");
    case PinReason::boot:
      return PVF_F("boot");
    case PinReason::watchdog:
      return PVF_F("wdt");
    default:
      return PVF_F("locale");
  }
}

const Flash* word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return PVF_F("ok");
    case Outcome::dwell:
      return PVF_F("attesa");
    case Outcome::starts:
      return PVF_F("avvii");
    case Outcome::interlock:
      return PVF_F("interlock");
    case Outcome::old:
      return PVF_F("vecchio");
    case Outcome::retained:
      return PVF_F("retained");
    default:
      return PVF_F("errato");
  }
}

const Flash* word_of(AlarmCode code) {
  switch (code) {
    case AlarmCode::adc:
      return PVF_F("adc");
    case AlarmCode::busbar_hot:
      return PVF_F("busbar_calda");
    case AlarmCode::cleaning:
      return PVF_F("pulizia");
    case AlarmCode::configuration:
      return PVF_F("configurazione");
    case AlarmCode::mains:
      return PVF_F("rete_assente");
    case AlarmCode::module_hot:
      return PVF_F("modulo_caldo");
    case AlarmCode::overload:
      return PVF_F("sovraccarico");
    case AlarmCode::relay_stuck:
      return PVF_F("rele_bloccato");
    case AlarmCode::sensor:
      return PVF_F("sensore");
    default:
      return PVF_F("watchdog");
  }
}

#if PVF_FULL

const Flash* word_of(CleaningPhase phase) {
  switch (phase) {
    case CleaningPhase::idle:
      return PVF_F("idle");
    case CleaningPhase::precheck:
      return PVF_F("precheck");
    case CleaningPhase::valve_open:
      return PVF_F("valve_open");
    case CleaningPhase::pump_on:
      return PVF_F("pump_on");
    case CleaningPhase::brush_forward:
      return PVF_F("brush_fwd");
    case CleaningPhase::dead:
      return PVF_F("dead");
    case CleaningPhase::brush_reverse:
      return PVF_F("brush_rev");
    case CleaningPhase::rinse:
      return PVF_F("rinse");
    case CleaningPhase::pump_off:
      return PVF_F("pump_off");
    case CleaningPhase::valve_close:
      return PVF_F("valve_close");
    default:
      return PVF_F("fault");
  }
}

const Flash* word_of(CleaningFault fault) {
  switch (fault) {
    case CleaningFault::none:
      return PVF_F("nessuno");
    case CleaningFault::stopped:
      return PVF_F("stop");
    case CleaningFault::cold:
      return PVF_F("freddo");
    case CleaningFault::hot:
      return PVF_F("caldo");
    case CleaningFault::hot_panel:
      return PVF_F("pannello_caldo");
    case CleaningFault::rain:
      return PVF_F("pioggia");
    case CleaningFault::tank_empty:
      return PVF_F("serbatoio");
    case CleaningFault::too_often:
      return PVF_F("troppe_corse");
    case CleaningFault::no_flow:
      return PVF_F("flusso");
    case CleaningFault::limit_switch:
      return PVF_F("finecorsa");
    case CleaningFault::too_long:
      return PVF_F("durata");
    default:
      return PVF_F("rete");
  }
}

#endif

}  // namespace pvf
