#include "reset_cause.h"

#include <avr/io.h>
#include <avr/wdt.h>

// Outside of every namespace: the assembler below names it.
uint8_t pvf_reset_flags __attribute__((section(".noinit"), used));

// Optiboot clears the chip's own flags and leaves a copy in r2.
extern "C" void pvf_keep_flags() __attribute__((naked, used, section(".init0")));
extern "C" void pvf_keep_flags() { __asm__ __volatile__("sts pvf_reset_flags, r2"); }

// Before anything else runs: after its reset the watchdog goes on at its shortest.
extern "C" void pvf_stop_watchdog() __attribute__((naked, used, section(".init3")));
extern "C" void pvf_stop_watchdog() {
  if (MCUSR != 0) pvf_reset_flags = MCUSR;
  MCUSR = 0;
  wdt_disable();
}

namespace pvf {

bool reset_by_watchdog() { return (pvf_reset_flags & _BV(WDRF)) != 0; }

}  // namespace pvf
