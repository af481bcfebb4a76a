#include <doctest/doctest.h>

#include "config.h"
#include "fakes.h"

using namespace pvf_test;

namespace {

bool configure(pvf::Config& config, const std::string& text) {
  pvf::JsonObject object;
  REQUIRE(object.parse(text.data(), uint16_t(text.size())));
  return config.configure(object);
}

pvf::Config defaults() {
  pvf::Config config;
  config.set_defaults(0x12345678);
  return config;
}

}  // namespace

TEST_CASE("defaults measure, but belong to nobody and switch nothing") {
  const pvf::Config config = defaults();
  CHECK(!config.complete());
  CHECK(!config.relays_enabled);
  CHECK(std::string(config.prefix) == "comunita");
  CHECK(config.hardware[0] == 2);
}

TEST_CASE("everything that can be set") {
  pvf::Config c = defaults();
  CHECK(configure(c, "{\"casa\":\"casa_A\",\"prefisso\":\"rete/monte\"}"));
  CHECK(configure(c, "{\"broker\":\"192.168.1.10\",\"porta\":8883}"));
  CHECK(configure(c, "{\"utente\":\"nodo\",\"password\":\"p w!\",\"rele_attivi\":true}"));
  CHECK(configure(c, "{\"ct\":2,\"canale\":2,\"scala_a\":0.25}"));
  CHECK(configure(c, "{\"rele\":1,\"min_on_s\":5,\"avvii_ora\":4,\"carico_w\":2000}"));
  CHECK(configure(c, "{\"scala_v\":1.1,\"rumore\":0.5,\"potenza_w\":3000}"));
  CHECK(c.complete());
  CHECK(std::string(c.prefix) == "rete/monte");
  CHECK(c.broker[0] == 192);
  CHECK(c.broker[3] == 10);
  CHECK(c.port == 8883);
  CHECK(c.transformers[1].channel == 2);
  CHECK(c.transformers[1].amperes_per_count == 0.25f);
  CHECK(c.relays[0].min_on_s == 5);
  CHECK(c.relays[0].power_w == 2000);
  CHECK(c.relays[1].min_on_s == 60);
  CHECK(c.most_power_w == 3000);
  StringSink sink;
  pvf::JsonWriter json(sink);
  json.open(nullptr, '{');
  c.write(json);
  json.close('}');
  CHECK(sink.text.find("p w!") == std::string::npos);
  CHECK(sink.text.find("\"broker\":\"192.168.1.10\"") != std::string::npos);
  CHECK(sink.text.find("\"casa\":\"casa_A\"") == 1);
}

TEST_CASE("what does not fit is refused") {
  for (const char* text :
       {"{\"casa\":\"\"}", "{\"casa\":\"a/b\"}", "{\"casa\":\"a b\"}", "{\"casa\":1}",
        "{\"casa\":\"_a\"}", "{\"casa\":\"0123456789012345678901234567890123\"}",
        "{\"casa\":\"a#\"}", "{\"prefisso\":\"a//b\"}", "{\"prefisso\":\"/a\"}",
        "{\"prefisso\":\"a/\"}", "{\"prefisso\":\"a/+\"}", "{\"broker\":\"1.2.3\"}",
        "{\"broker\":\"1.2.3.256\"}", "{\"broker\":\"1.2.3.4.5\"}",
        "{\"broker\":\"a.b.c.d\"}", "{\"broker\":\"1..2.3\"}",
        "{\"broker\":\"0001.2.3.4\"}", "{\"porta\":0}", "{\"porta\":65536}",
        "{\"porta\":\"1883\"}", "{\"rele_attivi\":1}", "{\"ct\":9,\"canale\":1}",
        "{\"ct\":1,\"canale\":13}", "{\"rele\":0}", "{\"rele\":1,\"avvii_ora\":0}",
        "{\"rele\":1,\"ttl_max_s\":901}", "{\"scala_v\":0}", "{\"scala_v\":-1}",
        "{\"rumore\":1e9}", "{\"potenza_w\":0}"}) {
    pvf::Config config = defaults();
    CHECK_MESSAGE(!configure(config, text), text);
  }
}
