// Stand-ins for everything around a node.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "board.h"
#include "link.h"
#include "memory.h"

namespace pvf_test {

struct StringSink final : pvf::Sink {
  void put(char c) override { text += c; }
  std::string text;
};

// Loses its power after some writes; the byte under way is left as anything.
struct FakeMemory final : pvf::Memory {
  uint8_t bytes[pvf::kMemorySize];
  long writes_left = -1;
  uint8_t torn = 0x5A;
  unsigned written = 0;
  // Takes a byte only at every so-manieth question, as a chip that needs 3 ms for it.
  unsigned slowness = 1;
  mutable unsigned asked = 0;

  FakeMemory() { std::memset(bytes, 0xFF, sizeof(bytes)); }
  uint8_t read(uint16_t address) const override { return bytes[address]; }
  void write(uint16_t address, uint8_t value) override {
    if (writes_left == 0) return;
    if (writes_left > 0 && --writes_left == 0) value = torn;
    bytes[address] = value;
    ++written;
  }
  bool ready() const override { return ++asked % slowness == 0; }
};

struct FakeBoard final : pvf::Board {
  bool relays[pvf::kRelays] = {};
  bool welded[pvf::kRelays] = {};
  // A pin that is never twice the same.
  bool restless = false;
  mutable bool seen = false;
  bool fan = false;
  pvf::CleaningOutputs outputs{};
  pvf::CleaningInputs inputs{};

  const pvf::Flash* model() const override { return PVF_F("Test"); }
  void set_relay(uint8_t index, bool on) override { relays[index] = on; }
  bool relay_is_on(uint8_t index) const override {
    seen = !seen;
    return restless ? seen : relays[index] || welded[index];
  }
  void set_fan(uint8_t, bool on) override { fan = on; }
  void set_cleaning(const pvf::CleaningOutputs& out) override { outputs = out; }
  void read_cleaning(pvf::CleaningInputs& in) const override { in = inputs; }
};

// A broker's end of a connection: takes packets apart and sends some.
struct FakeLink final : pvf::Link {
  bool reachable = true;
  bool room = true;
  bool silent = false;
  std::string sent;
  std::string incoming;
  int opened = 0;
  uint16_t announced = 0;
  uint16_t put_size = 0;
  bool broken_packet = false;

  void open() override {
    ++opened;
    state_ = reachable ? pvf::LinkState::open : pvf::LinkState::opening;
    sent.clear();
    incoming.clear();
  }
  void close() override { state_ = pvf::LinkState::closed; }
  void cut() { state_ = pvf::LinkState::closed; }
  pvf::LinkState state() override { return state_; }
  bool begin_packet(uint16_t size) override {
    if (!room) return false;
    announced = size;
    put_size = 0;
    return true;
  }
  void put(char c) override {
    ++put_size;
    sent += c;
  }
  void end_packet() override {
    if (put_size != announced) broken_packet = true;
    if (!silent) answer();
  }
  int16_t read() override {
    if (incoming.empty()) return -1;
    const uint8_t byte = static_cast<uint8_t>(incoming[0]);
    incoming.erase(0, 1);
    return byte;
  }

  struct Message {
    std::string topic, body;
    bool retained;
  };
  std::vector<Message> messages;
  std::string connect;
  std::vector<std::string> filters;
  int pings = 0;

  void send(const std::string& topic, const std::string& body, bool retained = false,
            int quality = 0) {
    std::string packet;
    packet += char(topic.size() >> 8);
    packet += char(topic.size() & 0xFF);
    packet += topic;
    if (quality > 0) packet += std::string("\x12\x34", 2);
    packet += body;
    incoming += char(0x30 | (quality << 1) | (retained ? 1 : 0));
    size_t size = packet.size();
    do {
      incoming += char((size & 0x7F) | (size > 127 ? 0x80 : 0));
      size >>= 7;
    } while (size > 0);
    incoming += packet;
  }

 private:
  void answer() {
    const std::string packet = sent.substr(sent.size() - announced);
    size_t at = 1, size = 0;
    int shift = 0;
    for (;; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(packet[at++]);
      size |= size_t(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) break;
    }
    if (packet.size() - at != size) broken_packet = true;
    const std::string rest = packet.substr(at);
    switch (static_cast<uint8_t>(packet[0]) & 0xF0) {
      case 0x10:
        connect = rest;
        incoming += std::string("\x20\x02\x00\x00", 4);
        break;
      case 0x80:
        filters.clear();
        for (size_t i = 2; i + 2 < rest.size();) {
          const size_t n = size_t(uint8_t(rest[i])) << 8 | uint8_t(rest[i + 1]);
          filters.push_back(rest.substr(i + 2, n));
          i += n + 3;
        }
        incoming += std::string("\x90\x04\x00\x01\x00\x00", 6);
        break;
      case 0xC0:
        ++pings;
        incoming += std::string("\xD0\x00", 2);
        break;
      case 0x30: {
        const size_t n = size_t(uint8_t(rest[0])) << 8 | uint8_t(rest[1]);
        messages.push_back(
            {rest.substr(2, n), rest.substr(2 + n), (packet[0] & 1) != 0});
        break;
      }
      default:
        break;
    }
  }

  pvf::LinkState state_ = pvf::LinkState::closed;
};

}  // namespace pvf_test
