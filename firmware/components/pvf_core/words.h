// The contract's words for what the modules know as enumerations.
#pragma once

#include "alarms.h"
#include "cleaning.h"
#include "flash_text.h"
#include "relay.h"

namespace pvf {

const Flash* word_of(PinReason reason);
const Flash* word_of(Outcome outcome);
const Flash* word_of(AlarmCode code);
#if PVF_FULL
const Flash* word_of(CleaningPhase phase);
const Flash* word_of(CleaningFault fault);
#endif

}  // namespace pvf
