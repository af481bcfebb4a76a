#include <doctest/doctest.h>

#include <cmath>

#include "fakes.h"
#include "push_report.h"

TEST_CASE("a report has exact kilowatt hours, however many") {
  pvf_test::StringSink sink;
  const pvf::Register produced = {1523410, 5}, consumed = {4294967295u, 0};
  pvf::write_push_report(sink, produced, consumed, 412.4f, 4294967295u);
  CHECK(sink.text ==
        "{\"energy_produced\":1523.410,\"energy_consumed\":4294967.295,"
        "\"current_load\":0.412,\"sequence\":4294967295}");
}

TEST_CASE("a load that is not known is null, and small energies have their zeros") {
  pvf_test::StringSink sink;
  pvf::write_push_report(sink, pvf::Register{7, 0}, pvf::Register{}, NAN, 0);
  CHECK(sink.text ==
        "{\"energy_produced\":0.007,\"energy_consumed\":0.000,"
        "\"current_load\":null,\"sequence\":0}");
}
