#include "w5500_link.h"

namespace pvf {

void W5500Link::open() {
  size_ = next_ = 0;
  chip_.set_up(*config_);
  chip_.command(kSocket, W5500::kClose);
  chip_.write(kSocket, W5500::kMode, 0x01);
  // A port of its own for every connection: the old one may still be remembered.
  if (++local_port_ == 0) local_port_ = 49152;
  chip_.write_word(kSocket, W5500::kPort, local_port_);
  chip_.command(kSocket, W5500::kOpen);
  if (chip_.read(kSocket, W5500::kStatus) != W5500::kInit) return;
  chip_.write_bytes(kSocket, W5500::kTarget, config_->broker, 4);
  chip_.write_word(kSocket, W5500::kTargetPort, config_->port);
  chip_.command(kSocket, W5500::kConnect);
}

void W5500Link::close() { chip_.command(kSocket, W5500::kClose); }

LinkState W5500Link::state() {
  const uint8_t status = chip_.read(kSocket, W5500::kStatus);
  if (status == W5500::kEstablished) return LinkState::open;
  // From sending the first packet until the answer.
  if (status == W5500::kInit || status == 0x15 || status == 0x16) {
    return LinkState::opening;
  }
  return LinkState::closed;
}

bool W5500Link::begin_packet(uint16_t size) {
  if (chip_.read_word(kSocket, W5500::kSendFree) < size) return false;
  const uint16_t at = chip_.read_word(kSocket, W5500::kSendWrite);
  end_ = static_cast<uint16_t>(at + size);
  chip_.begin_buffer(kSocket, at);
  return true;
}

void W5500Link::end_packet() {
  chip_.end_buffer();
  chip_.write_word(kSocket, W5500::kSendWrite, end_);
  chip_.command(kSocket, W5500::kSend);
}

int16_t W5500Link::read() {
  if (next_ == size_) {
    const uint16_t waiting = chip_.read_word(kSocket, W5500::kReceived);
    if (waiting == 0) return -1;
    size_ = static_cast<uint8_t>(waiting < kChunk ? waiting : kChunk);
    next_ = 0;
    const uint16_t at = chip_.read_word(kSocket, W5500::kReceiveRead);
    chip_.read_buffer(kSocket, at, chunk_, size_);
    chip_.write_word(kSocket, W5500::kReceiveRead, static_cast<uint16_t>(at + size_));
    chip_.command(kSocket, W5500::kReceive);
  }
  return chunk_[next_++];
}

}  // namespace pvf
