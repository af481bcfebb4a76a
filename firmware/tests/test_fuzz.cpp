// Broken, cut and mixed input for everything that reads what others wrote. It runs
// under sanitizers; that nothing is out of bounds is what it proves.
#include <doctest/doctest.h>

#include <random>

#include "config.h"
#include "fakes.h"
#include "json_read.h"
#include "line.h"
#include "node.h"

using namespace pvf_test;

namespace {

const std::string kSeeds[] = {
    "{\"on\":true,\"ttl_s\":60,\"seq\":1781956790}",
    "{\"canale\":2,\"azione\":\"scrivi\",\"guadagno\":1.0213,\"seq\":7}",
    "{\"casa\":\"casa_A\",\"broker\":\"192.168.1.10\",\"porta\":1883}",
    "{\"a\":[{\"b\":[1,2.5e-3,null]},\"\\u00e8\\n\"],\"c\":false}",
    "{\"da\":1781946000,\"seq\":9}",
};

class Mutator {
 public:
  std::string next(std::string text) {
    const unsigned times = random_() % 6;
    for (unsigned i = 0; i < times; ++i) {
      const size_t at = text.empty() ? 0 : random_() % text.size();
      switch (random_() % 6) {
        case 0:
          if (!text.empty()) text[at] = char(random_());
          break;
        case 1:
          text.insert(at, 1, "{}[]\",:\\0e-.*$\n "[random_() % 16]);
          break;
        case 2:
          text.erase(at, random_() % 8);
          break;
        case 3:
          text.resize(at);
          break;
        case 4:
          text.insert(at, text.substr(at / 2, random_() % 40));
          break;
        default:
          text.insert(at, std::string(random_() % 300, "[{9\""[random_() % 4]));
      }
    }
    return text;
  }
  unsigned dice(unsigned sides) { return unsigned(random_() % sides); }

 private:
  std::mt19937 random_{11};
};

// A copy without a byte to spare, so that one too many is seen.
std::vector<char> tight(const std::string& text) {
  return std::vector<char>(text.begin(), text.end());
}

}  // namespace

TEST_CASE("json") {
  Mutator mutate;
  unsigned good = 0;
  for (int i = 0; i < 60000; ++i) {
    const std::vector<char> text = tight(mutate.next(kSeeds[i % 5]));
    pvf::JsonObject object;
    if (!object.parse(text.data(), uint16_t(text.size()))) continue;
    ++good;
    pvf::Config config;
    config.set_defaults(1);
    config.configure(object);
    config.calibrate(0, object);
    // Whatever was taken, the texts end inside their fields.
    CHECK(std::strlen(config.house) < sizeof(config.house));
    CHECK(std::strlen(config.prefix) < sizeof(config.prefix));
    CHECK(std::strlen(config.user) < sizeof(config.user));
    CHECK(std::strlen(config.password) < sizeof(config.password));
  }
  CHECK(good > 5000);
}

TEST_CASE("lines") {
  Mutator mutate;
  pvf::LineReader reader{};
  for (int i = 0; i < 60000; ++i) {
    for (const char c : mutate.next("$cmd/rele/1 " + kSeeds[i % 5] + "*1234\r\n")) {
      reader.put(c);
    }
    if (!reader.ready()) continue;
    CHECK(reader.leaf_size() + reader.payload_size() < pvf::kLineSize);
    reader.release();
  }
}

TEST_CASE("a node at a broker that sends anything") {
  FakeBoard board;
  FakeMemory memory;
  FakeLink link;
  StringSink out;
  pvf::LineReader lines{};
  pvf::Node node(board, memory, link, out, lines);
  node.begin(false, 1);
  const std::string conf = "conf {\"casa\":\"a\",\"rele_attivi\":true}";
  StringSink text;
  pvf::LineWriter writer(text);
  writer.begin();
  for (const char c : conf) writer.put(c);
  writer.end();
  for (const char c : text.text) lines.put(c);

  const char* const leaves[] = {"rele/1", "rele/", "calibra", "ore", "pulizia", "x",
                                "annuncia", "rele/12", ""};
  Mutator mutate;
  uint32_t now = 0;
  int connected = 0;
  for (int i = 0; i < 40000; ++i) {
    if (node.connected()) {
      ++connected;
      const std::string topic = "comunita/a/cmd/" + std::string(leaves[i % 9]);
      link.send(mutate.next(topic), mutate.next(kSeeds[i % 5]), mutate.dice(3) == 0,
                int(mutate.dice(2)));
      if (mutate.dice(20) == 0) link.incoming = mutate.next(link.incoming);
    }
    node.step(now += 100);
    if (mutate.dice(50) == 0) node.step(now += 30000);
    out.text.clear();
    link.messages.clear();
    REQUIRE(!link.broken_packet);
  }
  CHECK(connected > 5000);
}
