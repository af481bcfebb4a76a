#include "push_report.h"

#include "json_write.h"

namespace pvf {

namespace {

constexpr uint16_t kThousand = 1000;

// Exact, where a floating point number would forget watt hours.
void kilowatt_hours(Sink& sink, const Flash* key, const Register& total) {
  sink.put('"');
  sink.text(key);
  sink.text("\":");
  sink.number(total.watt_hours / kThousand);
  sink.put('.');
  sink.number(total.watt_hours % kThousand, 3);
  sink.put(',');
}

}  // namespace

void write_push_report(Sink& sink, const Register& produced, const Register& consumed,
                       float load_w, uint32_t sequence) {
  sink.put('{');
  kilowatt_hours(sink, PVF_F("energy_produced"), produced);
  kilowatt_hours(sink, PVF_F("energy_consumed"), consumed);
  JsonWriter json(sink);
  json.decimal(PVF_F("current_load"), load_w / static_cast<float>(kThousand), 3);
  json.counter(PVF_F("sequence"), sequence);
  sink.put('}');
}

}  // namespace pvf
