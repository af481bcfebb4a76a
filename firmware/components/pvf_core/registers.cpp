#include "registers.h"

#include <math.h>

namespace pvf {

namespace {

// No house takes more; a larger value is a fault, not energy.
constexpr float kMostWatts = 2e5f;
constexpr uint32_t kWattHour = 3600000;

}  // namespace

void add_energy(Register& target, float watts, uint32_t span_us) {
  if (!(watts > 0.0f && watts < kMostWatts)) return;
  target.milliwatt_seconds +=
      static_cast<uint32_t>(lroundf(watts * static_cast<float>(span_us) * 1e-3f));
  while (target.milliwatt_seconds >= kWattHour) {
    target.milliwatt_seconds -= kWattHour;
    ++target.watt_hours;
  }
}

}  // namespace pvf
