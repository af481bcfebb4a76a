// Why the chip started.
#pragma once

namespace pvf {

bool reset_by_watchdog();

}  // namespace pvf
