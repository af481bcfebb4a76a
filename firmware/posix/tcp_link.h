// The broker's TCP connection over a socket that never blocks.
#pragma once

#include <cstdint>
#include <string>

#include "link.h"

namespace pvf {

class TcpLink final : public Link {
 public:
  // An IPv4 address in dots.
  TcpLink(std::string host, uint16_t port) : host_(std::move(host)), port_(port) {}
  ~TcpLink() { close(); }
  TcpLink(const TcpLink&) = delete;
  TcpLink& operator=(const TcpLink&) = delete;

  void open() override;
  void close() override;
  LinkState state() override;
  bool begin_packet(uint16_t size) override;
  void put(char c) override { waiting_ += c; }
  void end_packet() override { flush(); }
  int16_t read() override;

 private:
  static constexpr size_t kRoom = 8192;

  void flush();

  std::string host_;
  uint16_t port_;
  int socket_ = -1;
  LinkState state_ = LinkState::closed;
  std::string waiting_;
  char received_[512];
  size_t size_ = 0;
  size_t next_ = 0;
};

}  // namespace pvf
