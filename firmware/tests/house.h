// A node with everything around it: board, memory, broker, serial line, mains.
#pragma once

#include <memory>
#include <string>

#include "fakes.h"
#include "node.h"
#include "waveform.h"

namespace pvf_test {

struct House {
  FakeBoard board;
  FakeMemory memory;
  FakeLink link;
  StringSink line;
  pvf::LineReader lines{};
  std::unique_ptr<pvf::Node> node;
  Player player;
  Wave wave;
  uint32_t now = 0xFFFFFFFFu - 20000;
  uint32_t rest_us = 0;

  House() {
    wave.amperes[0] = 8.0;
    wave.amperes[1] = 3.0;
    wave.lag_degrees[1] = 180.0;
    start();
    say("conf", "{\"casa\":\"casa_A\",\"rele_attivi\":true,\"ip\":\"10.0.0.2\"}");
    for (const char* number : {"1", "2", "3", "4"}) {
      say("conf", std::string("{\"rele\":") + number +
                      ",\"min_on_s\":0,\"min_off_s\":0,\"ttl_max_s\":900}");
    }
  }

  void start(bool watchdog = false) {
    node.reset(new pvf::Node(board, memory, link, line, lines));
    node->begin(watchdog, 42);
  }

  void run(uint32_t ms, uint32_t step = 10) {
    for (uint32_t t = 0; t < ms; t += step) {
      for (rest_us += step * 1000; rest_us >= pvf::kSamplePeriodUs;
           rest_us -= pvf::kSamplePeriodUs) {
        player.sample(wave);
        if (const pvf::Window* window = player.sampler().ready()) {
          node->measure(*window);
          player.sampler().release();
        }
      }
      now += step;
      node->step(now);
    }
  }

  // Without samples: for what has nothing to do with them.
  void wait(uint32_t ms, uint32_t step = 10) {
    for (uint32_t t = 0; t < ms; t += step) {
      now += step;
      node->step(now);
    }
  }

  void say(const std::string& leaf, const std::string& body) {
    StringSink text;
    pvf::LineWriter writer(text);
    writer.begin();
    for (const char c : leaf + " " + body) writer.put(c);
    writer.end();
    for (const char c : text.text) lines.put(c);
    wait(10);
  }

  std::string last(const std::string& leaf) const {
    for (auto it = link.messages.rbegin(); it != link.messages.rend(); ++it) {
      if (it->topic == "comunita/casa_A/" + leaf) return it->body;
    }
    return "";
  }

  void command(const std::string& leaf, const std::string& body, bool retained = false) {
    link.send("comunita/casa_A/cmd/" + leaf, body, retained);
    wait(50);
  }
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace pvf_test
