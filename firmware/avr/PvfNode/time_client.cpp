#include "limits.h"
#if PVF_FULL

#include "time_client.h"
#include "wall_clock.h"

namespace pvf {

namespace {

constexpr uint16_t kServerPort = 123;
constexpr uint8_t kPacket = 48;
// What the chip puts before a datagram: address, port, length.
constexpr uint8_t kHeader = 8;
constexpr uint8_t kOriginate = 24;
constexpr uint8_t kTransmit = 40;
constexpr uint32_t kRetryMs = 10000;
constexpr uint32_t kAgainMs = 3600000;
// From 1900 to 1970.
constexpr uint32_t kEpoch = 2208988800UL;

uint32_t number_at(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

}  // namespace

void TimeClient::set_server(const uint8_t* address) {
  server_ = number_at(address) != 0 ? address : nullptr;
  wait_ms_ = 0;
}

bool TimeClient::step(uint32_t now_ms, uint32_t& seconds) {
  if (server_ == nullptr) return false;
  if (now_ms - asked_ms_ >= wait_ms_) ask(now_ms);
  if (!answer(seconds)) return false;
  wait_ms_ = kAgainMs;
  return true;
}

void TimeClient::ask(uint32_t now_ms) {
  asked_ms_ = now_ms;
  wait_ms_ = kRetryMs;
  chip_.command(kSocket, W5500::kClose);
  chip_.write(kSocket, W5500::kMode, 0x02);
  chip_.write_word(kSocket, W5500::kPort, 50123);
  chip_.command(kSocket, W5500::kOpen);
  chip_.write_bytes(kSocket, W5500::kTarget, server_, 4);
  chip_.write_word(kSocket, W5500::kTargetPort, kServerPort);
  const uint16_t at = chip_.read_word(kSocket, W5500::kSendWrite);
  chip_.begin_buffer(kSocket, at);
  // Version 4, client; our own time is a number that the answer has to repeat.
  for (uint8_t i = 0; i < kPacket; ++i) {
    uint8_t value = i == 0 ? 0x23 : 0;
    if (i >= kTransmit + 4) value = static_cast<uint8_t>(now_ms >> (8 * (i & 3)));
    chip_.put(value);
  }
  chip_.end_buffer();
  chip_.write_word(kSocket, W5500::kSendWrite, static_cast<uint16_t>(at + kPacket));
  chip_.command(kSocket, W5500::kSend);
}

bool TimeClient::answer(uint32_t& seconds) {
  const uint16_t waiting = chip_.read_word(kSocket, W5500::kReceived);
  if (waiting < kHeader + kPacket) return false;
  const uint16_t at = chip_.read_word(kSocket, W5500::kReceiveRead);
  const uint16_t begin = static_cast<uint16_t>(at + kHeader);
  uint8_t head[2], originate[8], transmit[4];
  chip_.read_buffer(kSocket, begin, head, 2);
  chip_.read_buffer(kSocket, static_cast<uint16_t>(begin + kOriginate), originate, 8);
  chip_.read_buffer(kSocket, static_cast<uint16_t>(begin + kTransmit), transmit, 4);
  chip_.write_word(kSocket, W5500::kReceiveRead, static_cast<uint16_t>(at + waiting));
  chip_.command(kSocket, W5500::kReceive);
  bool ours = true;
  for (uint8_t i = 4; i < 8; ++i) {
    ours = ours && originate[i] == static_cast<uint8_t>(asked_ms_ >> (8 * (i & 3)));
  }
  const bool server = (head[0] & 7) == 4 && head[0] >> 6 != 3;
  const uint32_t time = number_at(transmit);
  // Its seconds wrap in 2036, and the difference stays right.
  seconds = time - kEpoch;
  return ours && server && head[1] != 0 && head[1] <= 15 && time != 0 &&
         seconds >= kEarliestTime;
}

}  // namespace pvf

#endif
