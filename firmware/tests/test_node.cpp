#include <doctest/doctest.h>

#include <algorithm>

#include "house.h"

using namespace pvf_test;

TEST_CASE("announces itself and tells what it measures") {
  House house;
  house.run(7000);
  REQUIRE(house.node->connected());
  CHECK(!house.link.broken_packet);
  CHECK(has(house.last("stato"), "\"stato\":\"online\""));
  CHECK(has(house.last("annuncio"), "\"id\":\"02502a000000\""));
  CHECK(has(house.last("annuncio"), "\"ttl_max_s\":900"));
  // Byte for byte as the seed, then what is new.
  const std::string produced = house.last("produzione");
  CHECK(produced.substr(0, 15) == "{\"potenza_w\":18");
  CHECK(has(produced, ",\"fp\":"));
  CHECK(house.last("bilancio").substr(0, 18) == "{\"produzione_w\":18");
  CHECK(has(house.last("rete"), "\"scambio_w\":-69"));
  CHECK(has(house.last("energia"), "\"prodotta_wh\":"));
  CHECK(has(house.last("canale/4"), "\"potenza_w\":"));
  for (const auto& message : house.link.messages) {
    const bool kept = has(message.topic, "/stato") || has(message.topic, "/annuncio") ||
                      has(message.topic, "/energia");
    CHECK(message.retained == kept);
  }
}

TEST_CASE("numbers only grow, and the start is counted") {
  House house;
  house.run(12000);
  const std::string before = house.last("produzione");
  CHECK(has(before, "\"boot\":1}"));
  house.start();
  house.run(7000);
  CHECK(has(house.last("produzione"), "\"boot\":2}"));
}

TEST_CASE("a relay does what it is told, and says so") {
  House house;
  house.run(2000);
  house.command("rele/1", "{\"on\":true,\"ttl_s\":5,\"seq\":10}");
  CHECK(house.board.relays[0]);
  CHECK_MESSAGE(has(house.last("rele/1"), "{\"on\":true,\"motivo\":\"cmd\",\"cmd\":10,"
                                  "\"esito\":\"ok\",\"resta_s\":5,\"avvii\":1"), house.last("rele/1"));
  house.wait(5000);
  CHECK(!house.board.relays[0]);
  CHECK(has(house.last("rele/1"), "{\"on\":false,\"motivo\":\"lease\""));
  house.command("rele/1", "{\"on\":true,\"ttl_s\":60,\"seq\":11}", true);
  CHECK(!house.board.relays[0]);
  CHECK(has(house.last("rele/1"), "\"esito\":\"retained\""));
  house.command("rele/1", "{\"on\":true,\"ttl_s\":60,\"seq\":10}");
  CHECK(has(house.last("rele/1"), "\"cmd\":10,\"esito\":\"vecchio\""));
  for (const char* bad :
       {"{\"on\":1,\"ttl_s\":60,\"seq\":12}", "{\"on\":true,\"seq\":13}",
        "{\"on\":true,\"ttl_s\":0,\"seq\":14}", "{\"on\":true,\"ttl_s\":901,\"seq\":15}",
        "{\"on\":true,\"ttl_s\":60}", "nonsense", "",
        "{\"on\":true,\"on\":true,\"ttl_s\":60,\"seq\":16}"}) {
    house.command("rele/1", bad);
    CHECK(!house.board.relays[0]);
    CHECK_MESSAGE(has(house.last("rele/1"), "\"esito\":\"errato\""), bad);
  }
  house.command("rele/9", "{\"on\":true,\"ttl_s\":60,\"seq\":17}");
  house.command("rele/11", "{\"on\":true,\"ttl_s\":60,\"seq\":17}");
}

TEST_CASE("a lost broker does not keep a relay on") {
  House house;
  house.run(2000);
  house.command("rele/2", "{\"on\":true,\"ttl_s\":10,\"seq\":1}");
  CHECK(house.board.relays[1]);
  house.link.reachable = false;
  house.link.cut();
  house.wait(9800);
  CHECK(house.board.relays[1]);
  house.wait(300);
  CHECK(!house.board.relays[1]);
}

TEST_CASE("a reset and a watchdog switch off and say so") {
  House house;
  house.run(2000);
  house.command("rele/1", "{\"on\":true,\"ttl_s\":900,\"seq\":1}");
  CHECK(house.board.relays[0]);
  house.start(true);
  CHECK(!house.board.relays[0]);
  house.run(2000);
  CHECK(has(house.last("rele/1"), "\"motivo\":\"wdt\""));
  CHECK_MESSAGE(has(house.last("allarme"), "\"codice\":\"watchdog\",\"attivo\":true"), house.last("allarme"));
  // The first command after a start is new, whatever its number.
  house.command("rele/1", "{\"on\":true,\"ttl_s\":900,\"seq\":1}");
  CHECK(house.board.relays[0]);
}

TEST_CASE("calibration: asked, stored, kept over a power cut") {
  House house;
  house.run(3500);
  house.command("calibra", "{\"canale\":1,\"azione\":\"leggi\",\"seq\":5}");
  // With the next whole window, not before.
  CHECK(house.last("calibrazione") == "");
  house.run(1200);
  CHECK(has(house.last("calibrazione"), "\"canale\":1,\"cmd\":5,\"esito\":\"ok\""));
  CHECK(has(house.last("calibrazione"), "\"var\":"));
  CHECK(has(house.last("calibrazione"), "\"guadagno\":1.000000"));
  house.command("calibra",
                "{\"canale\":1,\"azione\":\"scrivi\",\"guadagno\":1.0213,"
                "\"guadagno_v\":0.9974,\"zero_w\":1.8,\"fase_gradi\":3.6,\"seq\":6}");
  const std::string stored =
      "\"guadagno\":1.021300,\"zero_w\":1.800000,\"fase_gradi\":3.600000,"
      "\"guadagno_v\":0.997400";
  CHECK(has(house.last("calibrazione"), stored));
  house.command("calibra",
                "{\"canale\":1,\"azione\":\"scrivi\",\"guadagno\":1.5,"
                "\"zero_w\":1e9,\"seq\":7}");
  CHECK(has(house.last("calibrazione"), "\"esito\":\"errato\""));
  CHECK(has(house.last("calibrazione"), stored));
  house.start();
  house.run(3500);
  house.command("calibra", "{\"canale\":1,\"azione\":\"leggi\",\"seq\":5}");
  house.run(1200);
  CHECK(has(house.last("calibrazione"), stored));
  house.command("calibra", "{\"canale\":2,\"azione\":\"leggi\",\"seq\":9}");
  CHECK(has(house.last("calibrazione"), "\"canale\":2,\"cmd\":9,\"esito\":\"errato\""));
}

TEST_CASE("without a voltage everything is marked as an estimate") {
  House house;
  house.wave.volts = 0.0;
  house.run(8000);
  CHECK(has(house.last("produzione"), "\"stima\":true"));
  CHECK(house.last("bilancio").empty());
  CHECK(house.last("rete").empty());
  CHECK_MESSAGE(has(house.last("allarme"), "\"codice\":\"rete_assente\",\"attivo\":true"), house.last("allarme"));
  const pvf::Counters& counters = house.node->state().counters;
  CHECK(counters.totals[pvf::kProduced].milliwatt_seconds == 0);
}

TEST_CASE("told at once when it changes, not when it does not") {
  House house;
  house.run(8000);
  auto count = [&] {
    return std::count_if(
        house.link.messages.begin(), house.link.messages.end(),
        [](const FakeLink::Message& m) { return has(m.topic, "/produzione"); });
  };
  const auto before = count();
  house.run(10000);
  CHECK(count() - before == 2);
  house.wave.amperes[0] = 12.0;
  house.run(2500);
  CHECK(count() - before >= 3);
}

TEST_CASE("an overload switches the relays off for a while") {
  House house;
  house.run(2000);
  house.command("rele/1", "{\"on\":true,\"ttl_s\":900,\"seq\":1}");
  house.wave.amperes[1] = 40.0;
  house.run(8000);
  CHECK(!house.board.relays[0]);
  CHECK(has(house.last("rele/1"), "\"motivo\":\"interlock\""));
  CHECK_MESSAGE(has(house.last("allarme"), "\"codice\":\"sovraccarico\",\"attivo\":true"), house.last("allarme"));
}

TEST_CASE("a welded relay is told") {
  House house;
  house.board.welded[2] = true;
  house.run(3000);
  CHECK_MESSAGE(has(house.last("allarme"), "\"codice\":\"rele_bloccato\",\"attivo\":true"), house.last("allarme"));
  CHECK(has(house.last("rele/3"), "\"on\":true,\"motivo\":\"boot\""));
}

TEST_CASE("a converter that stands still is told") {
  House house;
  house.run(2000);
  house.wait(3500);
  CHECK_MESSAGE(has(house.last("allarme"), "\"codice\":\"adc\",\"attivo\":true"), house.last("allarme"));
  house.run(2500);
  CHECK_MESSAGE(has(house.last("allarme"), "\"codice\":\"adc\",\"attivo\":false"), house.last("allarme"));
}

TEST_CASE("cleaning answers, and needs its inputs") {
  House house;
  house.run(2000);
  house.command("pulizia", "{\"azione\":\"avvia\",\"seq\":1}");
  CHECK(has(house.last("pulizia"), "{\"fase\":\"idle\",\"guasto\":\"freddo\""));
}

TEST_CASE("hours of a broker that was away arrive once it is back") {
  House house;
  house.node->set_time(1781946000 - 60);
  house.wait(1500, 10);
  REQUIRE(house.node->connected());
  house.link.reachable = false;
  house.link.cut();
  house.wait(3 * 3600 * 1000u, 1000);
  house.link.messages.clear();
  house.link.reachable = true;
  house.wait(70000, 100);
  std::string hours;
  for (const auto& m : house.link.messages) {
    if (has(m.body, "\"ore\":[[")) {
      hours += m.body.substr(m.body.find("\"ore\""));
      CHECK(!m.retained);
    }
  }
  for (const char* start : {"1781946000", "1781949600", "1781953200"}) {
    CHECK_MESSAGE(has(hours, std::string("[") + start + ",0,0,0,0]"), hours);
  }
  CHECK(has(hours, ",\"t\":17819"));
  house.link.messages.clear();
  house.command("ore", "{\"da\":1781949600,\"seq\":3}");
  CHECK(std::any_of(house.link.messages.begin(), house.link.messages.end(),
                    [](const FakeLink::Message& m) {
                      return has(m.body, "\"ore\":[[1781949600,0,0,0,0],[1781953200");
                    }));
  // Once is enough.
  house.link.messages.clear();
  house.wait(20000, 100);
  for (const auto& m : house.link.messages) CHECK(!has(m.body, "\"ore\""));
}

TEST_CASE("everything again for who asks") {
  House house;
  house.run(3000);
  house.link.messages.clear();
  house.command("annuncia", "{\"seq\":9}", true);
  house.wait(500);
  CHECK(house.last("annuncio").empty());
  house.command("annuncia", "{\"seq\":9}");
  house.wait(500);
  CHECK(!house.last("annuncio").empty());
  house.link.messages.clear();
  house.command("annuncia", "{\"seq\":9}");
  house.wait(500);
  CHECK(house.last("annuncio").empty());
}

TEST_CASE("a configuration that does not fit leaves the old one") {
  House house;
  house.wait(1000);
  house.say("conf", "{\"porta\":1234,\"casa\":\"not/good\"}");
  house.wait(1000);
  CHECK(has(house.line.text, "\"porta\":1883"));
  CHECK(!has(house.line.text, "\"porta\":1234"));
  CHECK(std::string(house.node->state().config.house) == "casa_A");
  CHECK(house.node->state().config.port == 1883);
}

TEST_CASE("a gateway at the serial line is a link as well") {
  House house;
  house.link.reachable = false;
  house.link.cut();
  house.wait(1000);
  house.say("link", "{\"on\":true}");
  CHECK(house.node->state().link);
  house.line.text.clear();
  house.wait(1000);
  CHECK(has(house.line.text, "$annuncio {"));
  house.wait(30000);
  CHECK(!house.node->state().link);
}

TEST_CASE("an alert is shown on the line") {
  House house;
  house.run(1000);
  house.link.send("comunita/casa_A/alert", "{\"messaggio\":\"ciao\"}");
  house.wait(100);
  CHECK(has(house.line.text, "$alert {\"messaggio\":\"ciao\"}*"));
  // Line breaks between values do not begin another line.
  house.line.text.clear();
  house.link.send("comunita/casa_A/alert", "{\n\"messaggio\":\r\n\"ciao\"}");
  house.wait(100);
  CHECK(has(house.line.text, "$alert { \"messaggio\":  \"ciao\"}*"));
}
