// What a node makes of slow or ruined memory, restless pins and impossible times.
#include <doctest/doctest.h>

#include "house.h"

using namespace pvf_test;

TEST_CASE("a lease ends in time while a calibration is being stored") {
  House house;
  house.run(2000);
  house.command("rele/1", "{\"on\":true,\"ttl_s\":3,\"seq\":1}");
  REQUIRE(house.board.relays[0]);
  house.wait(2900);
  house.memory.slowness = 5;
  house.link.send("comunita/casa_A/cmd/calibra",
                  "{\"canale\":1,\"azione\":\"scrivi\",\"guadagno\":1.02,\"seq\":2}");
  // No step waits for the memory, so that none is late for the relay.
  for (uint32_t t = 0; t < 3000; t += 10) {
    const unsigned before = house.memory.asked;
    house.wait(10);
    REQUIRE(house.memory.asked - before <= 6);
    if (t >= 100) CHECK(!house.board.relays[0]);
  }
  house.memory.slowness = 1;
  house.wait(3000);
  house.start();
  CHECK(double(house.node->state().config.transformers[0].gain) == doctest::Approx(1.02));
}

TEST_CASE("two settings one after the other are both stored") {
  House house;
  house.run(1000);
  house.memory.slowness = 5;
  house.say("conf", "{\"porta\":1884}");
  house.say("conf", "{\"potenza_w\":4500}");
  house.say("conf", "{\"potenza_w\":0}");
  house.wait(20000);
  house.start();
  CHECK(house.node->state().config.port == 1884);
  CHECK(house.node->state().config.most_power_w == 4500);
}

TEST_CASE("a pin that does not stand still breaks no message") {
  House house;
  house.board.restless = true;
  house.run(40000);
  CHECK(house.node->connected());
  CHECK(!house.link.broken_packet);
}

TEST_CASE("what is no time is not taken for one") {
  House house;
  house.say("ora", "{\"t\":5}");
  CHECK(!house.node->state().clock.known());
  house.say("ora", "{\"t\":1781946000}");
  CHECK(house.node->state().clock.known());
}

TEST_CASE("energy survives a power cut at any moment of its saving") {
  House house;
  house.run(20000);
  const uint32_t boots = house.node->state().counters.boot;
  for (long cut = 1; cut < 140; cut += 1) {
    house.memory.writes_left = cut;
    house.start();
    house.wait(2000, 5);
    house.memory.writes_left = -1;
  }
  house.start();
  CHECK(house.node->state().counters.boot > boots);
  CHECK(std::string(house.node->state().config.house) == "casa_A");
}

TEST_CASE("a ruined memory: defaults, relays off, and said so") {
  House house;
  for (uint8_t& byte : house.memory.bytes) byte ^= 0xA5;
  house.start();
  CHECK(!house.node->state().config.relays_enabled);
  CHECK(!house.node->state().config.complete());
  house.line.text.clear();
  house.wait(1000);
  CHECK(has(house.line.text, "\"codice\":\"configurazione\",\"attivo\":true"));
  house.say("cmd/rele/1", "{\"on\":true,\"ttl_s\":60,\"seq\":1}");
  house.wait(100);
  CHECK(!house.board.relays[0]);
  CHECK(has(house.line.text, "\"esito\":\"interlock\""));
}
