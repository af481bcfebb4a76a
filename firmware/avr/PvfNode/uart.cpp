#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>

namespace pvf {

namespace {

LineReader lines;

}  // namespace

void Uart::begin() {
  UCSR0A = _BV(U2X0);
  UBRR0 = static_cast<uint16_t>((F_CPU / 4 / 115200UL - 1) / 2);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

void Uart::put(char c) {
  while ((UCSR0A & _BV(UDRE0)) == 0) {
  }
  UDR0 = static_cast<uint8_t>(c);
}

LineReader& uart_lines() { return lines; }

}  // namespace pvf

#if defined(USART0_RX_vect)
ISR(USART0_RX_vect) { pvf::lines.put(static_cast<char>(UDR0)); }
#else
ISR(USART_RX_vect) { pvf::lines.put(static_cast<char>(UDR0)); }
#endif
