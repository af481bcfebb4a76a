#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "fakes.h"
#include "json_read.h"
#include "json_write.h"

using namespace pvf_test;

namespace {

bool parses(const std::string& text) {
  pvf::JsonObject object;
  return object.parse(text.data(), uint16_t(text.size()));
}

}  // namespace

TEST_CASE("writing") {
  StringSink sink;
  pvf::JsonWriter json(sink);
  json.open(nullptr, '{');
  json.integer(PVF_F("a"), -2147483647 - 1);
  json.counter(PVF_F("b"), 4294967295u);
  json.decimal(PVF_F("c"), 49.987f, 2);
  json.decimal(PVF_F("d"), -0.4f, 0);
  json.decimal(PVF_F("e"), NAN, 1);
  json.decimal(PVF_F("f"), float(INFINITY), 1);
  json.decimal(PVF_F("g"), -1.04f, 1);
  json.flag(PVF_F("h"), true);
  json.text(PVF_F("i"), "a\"\\\n");
  json.open(PVF_F("l"), '[');
  json.open(nullptr, '[');
  json.counter(nullptr, 1);
  json.null(nullptr);
  json.close(']');
  json.open(nullptr, '{');
  json.close('}');
  json.close(']');
  json.close('}');
  CHECK(sink.text ==
        "{\"a\":-2147483648,\"b\":4294967295,\"c\":49.99,\"d\":0,\"e\":null,\"f\":null,"
        "\"g\":-1.0,\"h\":true,\"i\":\"a\\\"\\\\ \",\"l\":[[1,null],{}]}");
}

TEST_CASE("a buffer that is too small keeps its end") {
  char buffer[5];
  pvf::BufferSink sink(buffer, sizeof(buffer));
  sink.text("abcdefgh");
  CHECK(std::strcmp(buffer, "abcd") == 0);
  CHECK(sink.full());
}

TEST_CASE("what is one object, and what is not") {
  for (const char* text :
       {"{}", " { } ", "{\"a\":1}", "{\"a\":{\"b\":{\"c\":{}}}}", "{\"a\":[[[1]]]}",
        "{\"a\":[],\"b\":{},\"c\":\"\\u00e8\\n\",\"d\":-0.5e+3,\"e\":null}",
        "{\"a\":[1,{\"b\":2},[]],\"c\":true}\n"}) {
    CHECK_MESSAGE(parses(text), text);
  }
  for (const char* text :
       {"", "1", "[1]", "\"a\"", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
        "{\"a\":1}x", "{\"a\":01}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":+1}",
        "{\"a\":1e}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":tru}", "{a:1}",
        "{\"a\":1 \"b\":2}", "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":{\"b\"}}",
        "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}", "{\"a\":[[[[1]]]]}",
        "{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"",
        "{\"\\u0061\":1}", "{\"a\":[}]}", "{\"a\":-}"}) {
    CHECK_MESSAGE(!parses(text), text);
  }
}

TEST_CASE("values") {
  const std::string text =
      "{\"u\":4294967295,\"v\":4294967296,\"f\":-1.5e2,\"b\":false,\"s\":\"casa\","
      "\"t\":\"a\\\\b\",\"n\":null,\"i\":1.0,\"m\":-1,\"x\":{\"s\":\"no\"},"
      "\"h\":1e39,\"tiny\":1e-60,\"long\":0.30000000000000004,\"big\":123456789012}";
  pvf::JsonObject o;
  REQUIRE(o.parse(text.data(), uint16_t(text.size())));
  uint32_t u = 0;
  float f = 0;
  bool b = true;
  char s[5];
  CHECK(o.find(PVF_F("u")).counter(u));
  CHECK(u == 4294967295u);
  CHECK(!o.find(PVF_F("v")).counter(u));
  CHECK(!o.find(PVF_F("i")).counter(u));
  CHECK(!o.find(PVF_F("m")).counter(u));
  CHECK(!o.find(PVF_F("s")).counter(u));
  CHECK(o.find(PVF_F("f")).decimal(f));
  CHECK(f == -150.0f);
  CHECK(!o.find(PVF_F("h")).decimal(f));
  CHECK(o.find(PVF_F("tiny")).decimal(f));
  CHECK(f == doctest::Approx(0.0));
  CHECK(o.find(PVF_F("long")).decimal(f));
  CHECK(f == doctest::Approx(0.3));
  CHECK(o.find(PVF_F("big")).decimal(f));
  CHECK(double(f) == doctest::Approx(123456789012.0));
  CHECK(o.find(PVF_F("b")).flag(b));
  CHECK(!b);
  CHECK(o.find(PVF_F("s")).text(s, sizeof(s)));
  CHECK(std::strcmp(s, "casa") == 0);
  CHECK(!o.find(PVF_F("s")).text(s, 4));
  CHECK(!o.find(PVF_F("t")).text(s, sizeof(s)));
  CHECK(o.find(PVF_F("s")).is(PVF_F("casa")));
  CHECK(!o.find(PVF_F("s")).is(PVF_F("cas")));
  CHECK(!o.find(PVF_F("s")).is(PVF_F("casab")));
  CHECK(!o.find(PVF_F("n")).given());
  CHECK(!o.find(PVF_F("missing")).given());
  CHECK(o.find(PVF_F("x")).type == pvf::JsonType::nested);
}

TEST_CASE("truncated anywhere it is refused") {
  const std::string text =
      "{\"on\":true,\"ttl_s\":60,\"seq\":1781956790,\"x\":[{\"a\":\"\\u00e8\"},1e5]}";
  for (size_t size = 0; size < text.size(); ++size) CHECK(!parses(text.substr(0, size)));
  CHECK(parses(text));
}
