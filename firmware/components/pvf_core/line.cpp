#include "line.h"

namespace pvf {

namespace {

// "*" and four digits.
constexpr uint16_t kTail = 5;

char hex(uint8_t digit) {
  return static_cast<char>(digit < 10 ? '0' + digit : 'A' + digit - 10);
}

}  // namespace

void LineWriter::begin() {
  crc_ = kCrc16Start;
  out_.put('$');
}

void LineWriter::put(char c) {
  crc_ = crc16(crc_, static_cast<uint8_t>(c));
  out_.put(c);
}

void LineWriter::end() {
  out_.put('*');
  for (int8_t shift = 12; shift >= 0; shift = static_cast<int8_t>(shift - 4)) {
    out_.put(hex((crc_ >> shift) & 0xF));
  }
  out_.put('\r');
  out_.put('\n');
}

void LineReader::put(char c) {
  if (complete_) return;
  if (c == '$') {
    inside_ = true;
    size_ = 0;
    return;
  }
  if (!inside_ || c == '\r') return;
  if (c == '\n') {
    inside_ = false;
    // Where this is an interrupt, what was written before is read after.
    __asm__ __volatile__("" ::: "memory");
    complete_ = true;
  } else if (size_ == kLineSize) {
    inside_ = false;
    ++refused_;
  } else {
    line_[size_++] = c;
  }
}

bool LineReader::ready() {
  if (!complete_) return false;
  __asm__ __volatile__("" ::: "memory");
  if (check()) return true;
  ++refused_;
  release();
  return false;
}

void LineReader::release() {
  __asm__ __volatile__("" ::: "memory");
  complete_ = false;
}

bool LineReader::check() {
  if (size_ < kTail || line_[size_ - kTail] != '*') return false;
  const uint16_t end = static_cast<uint16_t>(size_ - kTail);
  uint16_t crc = kCrc16Start;
  for (uint16_t i = 0; i < end; ++i) crc = crc16(crc, static_cast<uint8_t>(line_[i]));
  for (uint8_t i = 0; i < 4; ++i) {
    if (line_[end + 1 + i] != hex((crc >> (12 - 4 * i)) & 0xF)) return false;
  }
  for (leaf_size_ = 0; leaf_size_ < end; ++leaf_size_) {
    if (line_[leaf_size_] != ' ') continue;
    payload_size_ = static_cast<uint16_t>(end - leaf_size_ - 1);
    return leaf_size_ > 0;
  }
  return false;
}

}  // namespace pvf
