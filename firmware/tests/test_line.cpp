#include <doctest/doctest.h>

#include "fakes.h"
#include "line.h"

using namespace pvf_test;

namespace {

std::string written(const std::string& text) {
  StringSink sink;
  pvf::LineWriter line(sink);
  line.begin();
  for (const char c : text) line.put(c);
  line.end();
  return sink.text;
}

bool feed(pvf::LineReader& reader, const std::string& bytes) {
  for (const char c : bytes) reader.put(c);
  return reader.ready();
}

std::string slice(const char* text, uint16_t size) { return std::string(text, size); }

}  // namespace

TEST_CASE("the checksum's known value") {
  uint16_t crc = pvf::kCrc16Start;
  for (const char c : std::string("123456789")) crc = pvf::crc16(crc, uint8_t(c));
  CHECK(crc == 0x29B1);
}

TEST_CASE("a line there and back") {
  pvf::LineReader reader{};
  CHECK(feed(reader, "noise" + written("cmd/rele/1 {\"on\":true,\"n\":\"*\"}")));
  CHECK(slice(reader.leaf(), reader.leaf_size()) == "cmd/rele/1");
  CHECK(slice(reader.payload(), reader.payload_size()) == "{\"on\":true,\"n\":\"*\"}");
  // It waits; what comes meanwhile is lost.
  CHECK(feed(reader, written("x {}")));
  CHECK(slice(reader.leaf(), reader.leaf_size()) == "cmd/rele/1");
  reader.release();
  CHECK(!reader.ready());
  CHECK(feed(reader, written("x {}")));
  CHECK(slice(reader.leaf(), reader.leaf_size()) == "x");
}

TEST_CASE("every flipped bit is noticed") {
  const std::string line = written("conf {\"casa\":\"casa_A\"}");
  for (size_t i = 0; i + 2 < line.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = line;
      bad[i] = char(bad[i] ^ (1 << bit));
      pvf::LineReader reader{};
      CHECK(!feed(reader, bad));
      reader.release();
      CHECK(feed(reader, line));
    }
  }
}

TEST_CASE("lines that are none") {
  for (const std::string& text :
       {std::string("\n"), std::string("$\n"), std::string("$*\n"), written(""),
        written("x"), written(" {}"), std::string("$x {}*zzzz\n"),
        std::string("$x {}\n")}) {
    pvf::LineReader reader{};
    CHECK(!feed(reader, text));
  }
}

TEST_CASE("a line that is too long is dropped, the next is not") {
  pvf::LineReader reader{};
  CHECK(!feed(reader, written(std::string(5000, 'a') + " {}")));
  CHECK(reader.refused() == 1);
  CHECK(feed(reader, written("x {}")));
}
