#include "converter.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

namespace pvf {

namespace {

constexpr uint8_t kReference = _BV(REFS0);
// Inputs are A0 (voltage) and the next ones (current transformers).
Sampler sampler;
uint8_t input;
volatile uint32_t noise;

}  // namespace

void converter_begin() {
  DIDR0 = static_cast<uint8_t>((1u << kInputs) - 1);
  ADMUX = kReference;
  // 125 kHz: a conversion takes 104 to 112 us.
  ADCSRA = _BV(ADEN) | _BV(ADIE) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
  TCCR1A = 0;
  OCR1A = static_cast<uint16_t>(F_CPU / 1000000UL * kSamplePeriodUs - 1);
  TCNT1 = 0;
  TIMSK1 = _BV(OCIE1A);
  TCCR1B = _BV(WGM12) | _BV(CS10);
  sei();
}

Sampler& converter() { return sampler; }

uint32_t converter_noise() {
  const uint8_t start = sampler.heartbeat();
  while (static_cast<uint8_t>(sampler.heartbeat() - start) < 64) {
  }
  uint32_t copy;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { copy = noise; }
  return copy;
}

}  // namespace pvf

// Started by software: the converter's own trigger would leave no time to switch.
ISR(TIMER1_COMPA_vect) { ADCSRA |= _BV(ADSC); }

ISR(ADC_vect) {
  using namespace pvf;
  const int16_t code = static_cast<int16_t>(ADC);
  const uint8_t sampled = input;
  // Switched at once, so that the next input has settled long before its conversion.
  input = sampled + 1 == kInputs ? 0 : static_cast<uint8_t>(sampled + 1);
  ADMUX = static_cast<uint8_t>(kReference | input);
  sampler.add(sampled, code);
  if (sampled == 0) noise = (noise << 1 | noise >> 31) ^ static_cast<uint16_t>(code);
}
