#include "w5500_model.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace {

constexpr uint8_t kAddress = 0x0F;
constexpr uint8_t kMode = 0x00, kCommand = 0x01, kStatus = 0x03;
constexpr uint8_t kSendFree = 0x20, kSendWrite = 0x24, kReceived = 0x26, kRead = 0x28;
constexpr uint16_t kMask = 2047;
constexpr uint32_t kEpoch = 2208988800u;

}  // namespace

void W5500Model::select(bool selected) {
  if (selected) byte_ = 0;
}

uint8_t W5500Model::transfer(uint8_t value) {
  const unsigned index = byte_++;
  if (index == 0) {
    address_ = static_cast<uint16_t>(value << 8);
  } else if (index == 1) {
    address_ = static_cast<uint16_t>(address_ | value);
  } else if (index == 2) {
    control_ = value;
  } else {
    const uint8_t block = control_ >> 3;
    const uint16_t address = address_++;
    if ((control_ & 4) == 0) return read(block, address);
    write(block, address, value);
  }
  return 0;
}

uint16_t W5500Model::word(const Socket& socket, uint8_t address) {
  return static_cast<uint16_t>(socket.registers[address] << 8 |
                               socket.registers[address + 1]);
}

void W5500Model::set_word(Socket& socket, uint8_t address, uint16_t value) {
  socket.registers[address] = static_cast<uint8_t>(value >> 8);
  socket.registers[address + 1] = static_cast<uint8_t>(value);
}

uint8_t W5500Model::read(uint8_t block, uint16_t address) {
  if (block == 0) return common_[address & 0x3F];
  Socket& socket = sockets_[block >> 2];
  switch (block & 3) {
    case 1:
      if (address == kSendFree) {
        const size_t used = socket.outgoing.size();
        set_word(socket, kSendFree, static_cast<uint16_t>(used < 2048 ? 2048 - used : 0));
      }
      if (address == kReceived) {
        const uint16_t waiting =
            static_cast<uint16_t>(socket.received - word(socket, kRead));
        set_word(socket, kReceived, waiting);
      }
      return address < 0x30 ? socket.registers[address] : 0;
    case 2:
      return socket.send[address & kMask];
    default:
      return socket.receive[address & kMask];
  }
}

void W5500Model::write(uint8_t block, uint16_t address, uint8_t value) {
  if (block == 0) {
    common_[address & 0x3F] = value;
    return;
  }
  Socket& socket = sockets_[block >> 2];
  if ((block & 3) == 2) {
    socket.send[address & kMask] = value;
  } else if ((block & 3) == 1 && address == kCommand) {
    command(socket, value);
  } else if ((block & 3) == 1 && address < 0x30) {
    socket.registers[address] = value;
  }
}

void W5500Model::shut(Socket& socket) {
  if (socket.file >= 0) close(socket.file);
  socket.file = -1;
  socket.outgoing.clear();
  socket.registers[kStatus] = 0;
}

void W5500Model::command(Socket& socket, uint8_t value) {
  switch (value) {
    case 0x01: {
      shut(socket);
      const bool tcp = socket.registers[kMode] == 1;
      socket.registers[kStatus] = tcp ? 0x13 : 0x22;
      socket.received = word(socket, kRead);
      socket.sent = word(socket, kSendWrite);
      return;
    }
    case 0x04: {
      // Without an address of its own it reaches nobody.
      if (std::memcmp(common_ + kAddress, "\0\0\0\0", 4) == 0) return;
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port_);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socket.file = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      const int done = connect(socket.file, reinterpret_cast<sockaddr*>(&address),
                               sizeof(address));
      socket.registers[kStatus] = done == 0 || errno == EINPROGRESS ? 0x15 : 0;
      return;
    }
    case 0x10:
      shut(socket);
      return;
    case 0x20: {
      const uint16_t end = word(socket, kSendWrite);
      std::vector<uint8_t> data;
      for (; socket.sent != end; ++socket.sent) {
        data.push_back(socket.send[socket.sent & kMask]);
      }
      if (socket.registers[kStatus] == 0x22) {
        if (data.size() == 48 && unix_time_ != 0) answer_time(socket, data.data());
      } else {
        socket.outgoing.append(data.begin(), data.end());
      }
      return;
    }
    default:
      return;
  }
}

void W5500Model::lose_power() {
  std::memset(common_, 0, sizeof(common_));
  for (Socket& socket : sockets_) {
    shut(socket);
    socket = Socket();
  }
}

void W5500Model::deliver(Socket& socket, const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; ++i) socket.receive[socket.received++ & kMask] = data[i];
}

void W5500Model::answer_time(Socket& socket, const uint8_t* data) {
  uint8_t packet[56] = {127, 0, 0, 1, 0, 123, 0, 48, 0x24, 2};
  std::memcpy(packet + 8 + 24, data + 40, 8);
  const uint32_t time = unix_time_ + kEpoch;
  for (int i = 0; i < 4; ++i) {
    packet[8 + 40 + i] = static_cast<uint8_t>(time >> (24 - 8 * i));
  }
  deliver(socket, packet, sizeof(packet));
}

void W5500Model::poll() {
  for (Socket& socket : sockets_) {
    if (socket.file < 0 || unplugged_) continue;
    pollfd waiting{socket.file, POLLIN | POLLOUT, 0};
    if (::poll(&waiting, 1, 0) <= 0) continue;
    if (socket.registers[kStatus] == 0x15) {
      int error = 0;
      socklen_t size = sizeof(error);
      getsockopt(socket.file, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) {
        shut(socket);
        continue;
      }
      if ((waiting.revents & POLLOUT) == 0) continue;
      socket.registers[kStatus] = 0x17;
    }
    if (!socket.outgoing.empty()) {
      const ssize_t sent = send(socket.file, socket.outgoing.data(),
                                socket.outgoing.size(), MSG_NOSIGNAL);
      if (sent > 0) socket.outgoing.erase(0, static_cast<size_t>(sent));
    }
    const uint16_t used = static_cast<uint16_t>(socket.received - word(socket, kRead));
    uint8_t data[2048];
    const size_t room = 2048u - used;
    if (room == 0) continue;
    const ssize_t got = recv(socket.file, data, room, 0);
    if (got > 0) {
      deliver(socket, data, static_cast<size_t>(got));
    } else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
      shut(socket);
    }
  }
}
