// A report for nodes that send over HTTP, see docs/http-nodes.md.
#pragma once

#include <stdint.h>

#include "registers.h"
#include "sink.h"

namespace pvf {

// Running totals in kWh and a power in kW. Because totals run on, a report that is lost
// loses nothing; its number makes one that arrives twice harmless.
void write_push_report(Sink& sink, const Register& produced, const Register& consumed,
                       float load_w, uint32_t sequence);

}  // namespace pvf
