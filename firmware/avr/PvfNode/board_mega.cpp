#if defined(__AVR_ATmega2560__)

#include <avr/io.h>

#include "board_avr.h"

namespace pvf {

namespace {

// Port A: relays on D22 to D25, the fan on D26.
constexpr uint8_t kFan = PA4;
constexpr uint8_t kPortA = 0x1F;
// Port C: valve, pump, brush forward and back on D30 to D33.
constexpr uint8_t kValve = PC7;
constexpr uint8_t kPump = PC6;
constexpr uint8_t kForward = PC5;
constexpr uint8_t kReverse = PC4;
constexpr uint8_t kOutputsC = 0xF0;
// Port C: flow, home, end and rain on D34 to D37, closed to ground.
constexpr uint8_t kFlow = PC3;
constexpr uint8_t kHome = PC2;
constexpr uint8_t kEnd = PC1;
constexpr uint8_t kRain = PC0;
// D38: closed to ground while there is water. D2: closed to ground unless pressed.
// Both say stop if their wire breaks.
constexpr uint8_t kTank = PD7;
constexpr uint8_t kStop = PE4;

}  // namespace

void AvrBoard::begin() {
  // Low first: a pin must not be high for even a moment.
  PORTA &= static_cast<uint8_t>(~kPortA);
  DDRA |= kPortA;
  PORTC = static_cast<uint8_t>(~kOutputsC);
  DDRC = kOutputsC;
  PORTD |= static_cast<uint8_t>(_BV(kTank));
  PORTE |= static_cast<uint8_t>(_BV(kStop));
}

const Flash* AvrBoard::model() const { return PVF_F("Arduino Mega 2560"); }

void AvrBoard::set_relay(uint8_t index, bool on) {
  const uint8_t bit = static_cast<uint8_t>(1u << index);
  PORTA = static_cast<uint8_t>(on ? PORTA | bit : PORTA & ~bit);
}

bool AvrBoard::relay_is_on(uint8_t index) const { return (PINA & (1u << index)) != 0; }

void AvrBoard::set_fan(uint8_t, bool on) {
  PORTA = static_cast<uint8_t>(on ? PORTA | _BV(kFan) : PORTA & ~_BV(kFan));
}

void AvrBoard::set_cleaning(const CleaningOutputs& outputs) {
  uint8_t bits = 0;
  if (outputs.valve) bits |= _BV(kValve);
  if (outputs.pump) bits |= _BV(kPump);
  if (outputs.forward) bits |= _BV(kForward);
  if (outputs.reverse) bits |= _BV(kReverse);
  // At once, so that there is no moment with both directions.
  PORTC = static_cast<uint8_t>((PORTC & ~kOutputsC) | bits);
}

void AvrBoard::read_cleaning(CleaningInputs& inputs) const {
  inputs.flow = (PINC & _BV(kFlow)) == 0;
  inputs.at_home = (PINC & _BV(kHome)) == 0;
  inputs.at_end = (PINC & _BV(kEnd)) == 0;
  inputs.rain = (PINC & _BV(kRain)) == 0;
  inputs.tank_low = (PIND & _BV(kTank)) != 0;
  inputs.stop = (PINE & _BV(kStop)) != 0;
}

}  // namespace pvf

#endif
