#include "json_scan.h"

namespace pvf {

namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

void JsonScanner::space() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) {
    ++at_;
  }
}

bool JsonScanner::take(char c) {
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

bool JsonScanner::string(const char*& begin, uint16_t& size, bool& escaped) {
  escaped = false;
  if (!take('"')) return false;
  begin = at_;
  while (at_ != end_ && *at_ != '"') {
    if (static_cast<uint8_t>(*at_) < 0x20) return false;
    if (*at_++ != '\\') continue;
    escaped = true;
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c == 'u') {
      for (uint8_t i = 0; i < 4; ++i, ++at_) {
        if (at_ == end_ || !is_hex(*at_)) return false;
      }
    } else if (c != '"' && c != '\\' && c != '/' && c != 'b' && c != 'f' && c != 'n' &&
               c != 'r' && c != 't') {
      return false;
    }
  }
  size = static_cast<uint16_t>(at_ - begin);
  return take('"');
}

bool JsonScanner::value(JsonValue& out, uint8_t level) {
  if (at_ == end_) return false;
  if (*at_ != '{' && *at_ != '[') return scalar(out);
  const char* begin = at_;
  if (!nested(level)) return false;
  out.type = JsonType::nested;
  out.begin = begin;
  out.size = static_cast<uint16_t>(at_ - begin);
  return true;
}

bool JsonScanner::digits() {
  const char* begin = at_;
  while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
  return at_ != begin;
}

bool JsonScanner::number() {
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    return digits();
  }
  return true;
}

bool JsonScanner::word(const Flash* text) {
  for (uint16_t i = 0; flash_char(text, i) != '\0'; ++i) {
    if (!take(flash_char(text, i))) return false;
  }
  return true;
}

bool JsonScanner::scalar(JsonValue& out) {
  out.begin = at_;
  bool good;
  switch (*at_) {
    case '"': {
      bool escaped;
      out.type = JsonType::text;
      return string(out.begin, out.size, escaped);
    }
    case 't':
      out.type = JsonType::flag;
      good = word(PVF_F("true"));
      break;
    case 'f':
      out.type = JsonType::flag;
      good = word(PVF_F("false"));
      break;
    case 'n':
      out.type = JsonType::null;
      good = word(PVF_F("null"));
      break;
    default:
      out.type = JsonType::number;
      good = number();
  }
  out.size = static_cast<uint16_t>(at_ - out.begin);
  return good;
}

bool JsonScanner::nested(uint8_t level) {
  // One bit for each level that is open: 1 is an object, 0 a list.
  uint8_t objects = 0;
  const uint8_t outside = level;
  for (;;) {
    space();
    if (at_ == end_) return false;
    const bool object = *at_ == '{';
    if (object || *at_ == '[') {
      ++at_;
      if (level++ >= JsonObject::kDepth) return false;
      objects = static_cast<uint8_t>((objects << 1) | object);
      space();
      if (at_ != end_ && *at_ != (object ? '}' : ']')) {
        if (object && !key()) return false;
        continue;
      }
    } else {
      JsonValue inner;
      if (!scalar(inner)) return false;
    }
    for (;;) {
      space();
      if (!take((objects & 1) ? '}' : ']')) break;
      objects >>= 1;
      if (--level == outside) return true;
    }
    if (!take(',')) return false;
    space();
    if ((objects & 1) && !key()) return false;
  }
}

bool JsonScanner::key() {
  const char* begin;
  uint16_t size;
  bool escaped;
  if (!string(begin, size, escaped)) return false;
  space();
  return take(':');
}

}  // namespace pvf
