#include <doctest/doctest.h>

#include "fakes.h"
#include "mqtt.h"

using namespace pvf_test;

namespace {

struct Text final : pvf::MqttMessage {
  std::string where, what;
  bool keep = false;
  Text(std::string t, std::string b) : where(std::move(t)), what(std::move(b)) {}
  void topic(pvf::Sink& sink) const override { sink.text(where.c_str()); }
  void body(pvf::Sink& sink) const override { sink.text(what.c_str()); }
  bool retained() const override { return keep; }
};

struct Owner final : pvf::MqttOwner {
  Text will{"c/casa_A/stato", "{\"stato\":\"offline\"}"};
  std::string user, password;
  int connected = 0, lost = 0;
  std::vector<FakeLink::Message> received;

  Owner() { will.keep = true; }
  void mqtt_client_id(pvf::Sink& sink) const override { sink.text("pvf-1"); }
  const pvf::MqttMessage& mqtt_will() const override { return will; }
  const char* mqtt_user() const override { return user.c_str(); }
  const char* mqtt_password() const override { return password.c_str(); }
  bool mqtt_filter(uint8_t index, pvf::Sink& sink) const override {
    if (index > 1) return false;
    sink.text(index == 0 ? "c/casa_A/cmd/#" : "c/casa_A/alert");
    return true;
  }
  void mqtt_connected() override { ++connected; }
  void mqtt_lost() override { ++lost; }
  void mqtt_received(const char* topic, uint16_t topic_size, const char* payload,
                     uint16_t payload_size, bool retained) override {
    received.push_back(
        {std::string(topic, topic_size), std::string(payload, payload_size), retained});
  }
};

struct Client {
  FakeLink link;
  Owner owner;
  pvf::MqttClient client{link, owner};

  void run(uint32_t ms, uint32_t step = 10) {
    for (uint32_t t = 0; t < ms; t += step) client.step(step);
  }
};

}  // namespace

TEST_CASE("connects with a will, subscribes, publishes") {
  Client c;
  c.run(100);
  REQUIRE(c.client.connected());
  CHECK(c.owner.connected == 1);
  const std::string head("\x00\x04MQTT\x04\x26\x00\x1e\x00\x05pvf-1\x00\x0e", 19);
  CHECK(c.link.connect.substr(0, 19) == head);
  CHECK(c.link.connect.find("{\"stato\":\"offline\"}") != std::string::npos);
  REQUIRE(c.link.filters.size() == 2);
  CHECK(c.link.filters[0] == "c/casa_A/cmd/#");
  CHECK(c.link.filters[1] == "c/casa_A/alert");
  CHECK(c.client.publish(Text("c/x", "{}")));
  CHECK(c.client.publish(Text("c/y", std::string(300, 'z'))));
  REQUIRE(c.link.messages.size() == 2);
  CHECK(c.link.messages[1].topic == "c/y");
  CHECK(c.link.messages[1].body.size() == 300);
  CHECK(!c.link.broken_packet);
}

TEST_CASE("user and password") {
  Client c;
  c.owner.user = "node";
  c.owner.password = "secret";
  c.run(100);
  CHECK(uint8_t(c.link.connect[7]) == 0xE6);
  CHECK(c.link.connect.substr(c.link.connect.size() - 14) ==
        std::string("\x00\x04node\x00\x06secret", 14));
}

TEST_CASE("receives, with and without the retain flag, and answers quality 1") {
  Client c;
  c.run(100);
  c.link.send("c/casa_A/cmd/rele/1", "{\"on\":true}");
  c.link.send("c/casa_A/cmd/rele/1", "{}", true);
  c.link.send("c/a", "", false, 1);
  c.run(100);
  REQUIRE(c.owner.received.size() == 3);
  CHECK(c.owner.received[0].body == "{\"on\":true}");
  CHECK(!c.owner.received[0].retained);
  CHECK(c.owner.received[1].retained);
  CHECK(c.link.sent.substr(c.link.sent.size() - 4) == std::string("\x40\x02\x12\x34", 4));
}

TEST_CASE("a packet that is too large is skipped whole") {
  Client c;
  c.run(100);
  c.link.send("c/big", std::string(100000, 'x'));
  c.link.send("c/small", "{}");
  c.run(5000);
  REQUIRE(c.owner.received.size() == 1);
  CHECK(c.owner.received[0].topic == "c/small");
  CHECK(c.client.connected());
}

TEST_CASE("what is no MQTT ends the connection") {
  const std::string bad[] = {
      std::string("\x30\x01\x00", 3),          std::string("\x30\x02\x00\x05", 4),
      std::string("\x30\x02\x00\x00", 4),      std::string("\x36\x03\x00\x01\x61", 5),
      std::string("\x30\xff\xff\xff\xff", 5),  std::string("\x00\x00", 2),
      std::string("\x32\x03\x00\x01\x61", 5),  "HTTP/1.1 400 Bad Request" + std::string(80, ' '),
  };
  for (const std::string& packet : bad) {
    Client c;
    c.run(100);
    REQUIRE(c.client.connected());
    c.link.incoming += packet;
    c.run(50);
    CHECK(!c.client.connected());
    CHECK(c.owner.lost == 1);
    CHECK(c.owner.received.empty());
  }
}

TEST_CASE("a broker that refuses") {
  Client c;
  c.link.silent = true;
  c.run(50);
  c.link.incoming = std::string("\x20\x02\x00\x05", 4);
  c.run(50);
  CHECK(!c.client.connected());
  CHECK(c.owner.connected == 0);
}

TEST_CASE("waits longer after every failure, up to a minute") {
  Client c;
  c.link.reachable = false;
  c.run(600000, 50);
  CHECK(c.link.opened > 10);
  CHECK(c.link.opened < 22);
  CHECK(c.client.wait_ms() <= 60000);
  c.link.reachable = true;
  c.run(66000, 50);
  CHECK(c.client.connected());
  c.link.cut();
  c.run(50);
  CHECK(c.owner.lost == 1);
  CHECK(c.client.wait_ms() <= 500);
}

TEST_CASE("keeps alive, and notices silence") {
  Client c;
  c.run(100);
  c.run(60000);
  CHECK(c.link.pings >= 5);
  CHECK(c.client.connected());
  c.link.silent = true;
  c.run(24000);
  CHECK(c.client.connected());
  c.run(10000);
  CHECK(c.owner.lost == 1);
}

TEST_CASE("no room: nothing is written, nothing is lost") {
  Client c;
  c.run(100);
  c.link.room = false;
  const size_t size = c.link.sent.size();
  CHECK(!c.client.publish(Text("c/x", "{}")));
  c.run(15000);
  CHECK(c.link.sent.size() == size);
  c.link.room = true;
  CHECK(c.client.publish(Text("c/x", "{}")));
}
