// Which pin does what. The wiring guide in firmware/README.md says the same.
#pragma once

#include <avr/io.h>

#if defined(__AVR_ATmega2560__)
// D10 on port B, as on the shield.
#define PVF_SELECT_PORT PORTB
#define PVF_SELECT_PIN PB4
#else
#define PVF_SELECT_PORT PORTB
#define PVF_SELECT_PIN PB2
#endif

namespace pvf {

inline void spi_pins_begin() {
  PORTB |= _BV(PVF_SELECT_PIN);
#if defined(__AVR_ATmega2560__)
  // D53 has to be an output, or the chip takes itself for a slave.
  DDRB |= _BV(PB0) | _BV(PB1) | _BV(PB2) | _BV(PB4);
#else
  DDRB |= _BV(PB2) | _BV(PB3) | _BV(PB5);
#endif
}

}  // namespace pvf
