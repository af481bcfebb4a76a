#if defined(__AVR_ATmega328P__)

#include <avr/io.h>

#include "board_avr.h"

namespace pvf {

namespace {

// D6 and D7.
constexpr uint8_t kPins[kRelays] = {PD6, PD7};

}  // namespace

void AvrBoard::begin() {
  // Low first: a pin must not be high for even a moment.
  for (uint8_t pin : kPins) PORTD &= static_cast<uint8_t>(~_BV(pin));
  for (uint8_t pin : kPins) DDRD |= static_cast<uint8_t>(_BV(pin));
}

const Flash* AvrBoard::model() const { return PVF_F("Arduino Uno"); }

void AvrBoard::set_relay(uint8_t index, bool on) {
  if (on) {
    PORTD |= static_cast<uint8_t>(_BV(kPins[index]));
  } else {
    PORTD &= static_cast<uint8_t>(~_BV(kPins[index]));
  }
}

bool AvrBoard::relay_is_on(uint8_t index) const {
  return (PIND & _BV(kPins[index])) != 0;
}

}  // namespace pvf

#endif
