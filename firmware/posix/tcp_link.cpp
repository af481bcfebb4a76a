#include "tcp_link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace pvf {

void TcpLink::open() {
  close();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  if (inet_pton(AF_INET, host_.c_str(), &address.sin_addr) != 1) return;
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return;
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const int done =
      connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (done != 0 && errno != EINPROGRESS) {
    close();
    return;
  }
  state_ = LinkState::opening;
}

void TcpLink::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = LinkState::closed;
  waiting_.clear();
  size_ = next_ = 0;
}

LinkState TcpLink::state() {
  if (state_ == LinkState::opening) {
    pollfd waiting{socket_, POLLOUT, 0};
    if (poll(&waiting, 1, 0) > 0) {
      int error = 0;
      socklen_t size = sizeof(error);
      getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) {
        close();
      } else {
        state_ = LinkState::open;
      }
    }
  }
  if (state_ == LinkState::open && !waiting_.empty()) flush();
  return state_;
}

bool TcpLink::begin_packet(uint16_t size) {
  return state_ == LinkState::open && waiting_.size() + size <= kRoom;
}

void TcpLink::flush() {
  while (!waiting_.empty()) {
    const ssize_t sent = send(socket_, waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      waiting_.erase(0, static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else {
      close();
      return;
    }
  }
}

int16_t TcpLink::read() {
  if (next_ == size_) {
    if (state_ != LinkState::open) return -1;
    const ssize_t got = recv(socket_, received_, sizeof(received_), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) close();
    if (got <= 0) return -1;
    size_ = static_cast<size_t>(got);
    next_ = 0;
  }
  return static_cast<uint8_t>(received_[next_++]);
}

}  // namespace pvf
