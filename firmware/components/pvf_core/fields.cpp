#include "fields.h"

#include <string.h>

namespace pvf {

namespace {

constexpr uint8_t kDecimals = 6;

void fetch(Field& out, const Field* row) {
#if defined(__AVR__)
  memcpy_P(&out, row, sizeof(out));
#else
  out = *row;
#endif
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Whether a text can stand in a topic.
bool is_topic(const char* text, bool path) {
  bool start = true;
  for (; *text != '\0'; ++text) {
    const bool middle = *text == '_' || *text == '-' ||
                        (path && (*text == '/' || *text == '.'));
    if (!is_name(*text) && (start || !middle)) return false;
    start = *text == '/';
  }
  return !start;
}

bool read_address(const JsonValue& value, uint8_t* out) {
  char text[16];
  if (!value.text(text, sizeof(text))) return false;
  const char* at = text;
  for (uint8_t i = 0; i < 4; ++i) {
    uint16_t number = 0;
    const char* begin = at;
    for (; *at >= '0' && *at <= '9' && at - begin < 3; ++at) {
      number = static_cast<uint16_t>(number * 10 + static_cast<uint16_t>(*at - '0'));
    }
    if (at == begin || number > 255 || *at != (i < 3 ? '.' : '\0')) return false;
    ++at;
    out[i] = static_cast<uint8_t>(number);
  }
  return true;
}

void write_address(JsonWriter& json, const Flash* key, const uint8_t* address) {
  char text[16];
  BufferSink sink(text, sizeof(text));
  for (uint8_t i = 0; i < 4; ++i) {
    if (i > 0) sink.put('.');
    sink.number(address[i]);
  }
  json.text(key, text);
}

bool read_field(const Field& field, const JsonValue& value, uint8_t* out) {
  switch (field.kind) {
    case FieldKind::byte:
    case FieldKind::word: {
      uint32_t number;
      if (!value.counter(number, static_cast<uint32_t>(field.low), field.high)) {
        return false;
      }
      const uint16_t word = static_cast<uint16_t>(number);
      out[0] = static_cast<uint8_t>(word);
      if (field.kind == FieldKind::word) memcpy(out, &word, sizeof(word));
      return true;
    }
    case FieldKind::flag: {
      bool flag;
      if (!value.flag(flag)) return false;
      out[0] = flag;
      return true;
    }
    case FieldKind::decimal:
    case FieldKind::factor: {
      float number;
      const float low =
          field.kind == FieldKind::factor ? 0.001f : static_cast<float>(field.low);
      if (!value.decimal(number) || number < low ||
          number > static_cast<float>(field.high)) {
        return false;
      }
      memcpy(out, &number, sizeof(number));
      return true;
    }
    case FieldKind::address:
      return read_address(value, out);
    default: {
      char* text = reinterpret_cast<char*>(out);
      return value.text(text, static_cast<uint8_t>(field.high)) &&
             (field.kind == FieldKind::text ||
              is_topic(text, field.kind == FieldKind::path));
    }
  }
}

void write_field(const Field& field, JsonWriter& json, const Flash* key,
                 const uint8_t* in) {
  switch (field.kind) {
    case FieldKind::byte:
      json.counter(key, in[0]);
      return;
    case FieldKind::word: {
      uint16_t word;
      memcpy(&word, in, sizeof(word));
      json.counter(key, word);
      return;
    }
    case FieldKind::flag:
      json.flag(key, in[0] != 0);
      return;
    case FieldKind::decimal:
    case FieldKind::factor: {
      float number;
      memcpy(&number, in, sizeof(number));
      json.decimal(key, number, kDecimals);
      return;
    }
    case FieldKind::address:
      write_address(json, key, in);
      return;
    default:
      json.text(key, reinterpret_cast<const char*>(in));
  }
}

}  // namespace

bool read_fields(const JsonObject& object, const Field* table, uint8_t count,
                 void* target) {
  for (; count > 0; --count, ++table) {
    Field field;
    fetch(field, table);
    const JsonValue value = object.find(reinterpret_cast<const Flash*>(table->key));
    if (value.given() &&
        !read_field(field, value, static_cast<uint8_t*>(target) + field.offset)) {
      return false;
    }
  }
  return true;
}

void write_fields(JsonWriter& json, const Field* table, uint8_t count,
                  const void* source) {
  for (; count > 0; --count, ++table) {
    Field field;
    fetch(field, table);
    write_field(field, json, reinterpret_cast<const Flash*>(table->key),
                static_cast<const uint8_t*>(source) + field.offset);
  }
}

}  // namespace pvf
