// A TCP connection that never blocks.
#pragma once

#include <stdint.h>

#include "sink.h"

namespace pvf {

enum class LinkState : uint8_t { closed, opening, open };

// Between `begin_packet` and `end_packet` it takes exactly the announced bytes.
class Link : public Sink {
 public:
  virtual void open() = 0;
  virtual void close() = 0;
  virtual LinkState state() = 0;
  // Returns false, and takes nothing, while there is no room.
  virtual bool begin_packet(uint16_t size) = 0;
  virtual void end_packet() = 0;
  // The next byte that came, -1 if there is none.
  virtual int16_t read() = 0;

 protected:
  ~Link() = default;
};

}  // namespace pvf
