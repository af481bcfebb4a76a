#include "mqtt.h"

namespace pvf {

namespace {

constexpr uint8_t kConnect = 0x10;
constexpr uint8_t kConnectAck = 0x20;
constexpr uint8_t kPublish = 0x30;
constexpr uint8_t kPublishAck = 0x40;
constexpr uint8_t kSubscribe = 0x82;
constexpr uint8_t kSubscribeAck = 0x90;
constexpr uint8_t kPing = 0xC0;
constexpr uint8_t kPong = 0xD0;
constexpr uint8_t kRetain = 0x01;

constexpr uint32_t kOpenMs = 5000;
constexpr uint32_t kPingMs = 10000;
constexpr uint32_t kSilenceMs = 25000;
constexpr uint16_t kFirstBackoffMs = 500;
constexpr uint16_t kLongestBackoffMs = 60000;
// Bytes looked at in one step, so that a flood cannot hold up the relays.
constexpr uint16_t kBytesPerStep = 512;

void word(Sink& sink, uint16_t value) {
  sink.put(static_cast<char>(value >> 8));
  sink.put(static_cast<char>(value & 0xFF));
}

}  // namespace

MqttClient::MqttClient(Link& link, MqttOwner& owner)
    : link_(link),
      owner_(owner),
      state_(State::waiting),
      wait_(),
      patience_(),
      ping_(),
      backoff_ms_(0),
      type_(0),
      header_(0),
      left_(0),
      size_(0),
      oversized_(false) {}

void MqttClient::step(uint32_t elapsed_ms) {
  wait_.step(elapsed_ms);
  if (state_ == State::waiting) {
    if (wait_.running()) return;
    link_.open();
    state_ = State::opening;
    patience_.set(kOpenMs);
    return;
  }
  if (patience_.step(elapsed_ms) || link_.state() == LinkState::closed) {
    drop();
    return;
  }
  if (state_ == State::opening) {
    if (link_.state() == LinkState::open) send_connect();
    return;
  }
  read_packet();
  if (state_ != State::ready || !ping_.step(elapsed_ms)) return;
  // Without room the ping is due again at once.
  ping_.set(send_bare(kPing) ? kPingMs : 1);
}

void MqttClient::drop() {
  const bool was_ready = state_ == State::ready;
  link_.close();
  state_ = State::waiting;
  header_ = 0;
  backoff_ms_ = backoff_ms_ == 0 ? kFirstBackoffMs
                : backoff_ms_ >= kLongestBackoffMs / 2
                    ? kLongestBackoffMs
                    : static_cast<uint16_t>(backoff_ms_ * 2);
  wait_.set(backoff_ms_);
  if (was_ready) owner_.mqtt_lost();
}

void MqttClient::restart() {
  drop();
  backoff_ms_ = 0;
  wait_.set(kFirstBackoffMs);
}

bool MqttClient::publish(const MqttMessage& message) {
  if (state_ != State::ready) return false;
  CountingSink topic, body;
  message.topic(topic);
  message.body(body);
  const uint8_t type = message.retained() ? kPublish | kRetain : kPublish;
  if (!begin(type, static_cast<uint16_t>(topic.size + 2 + body.size))) return false;
  word(link_, topic.size);
  message.topic(link_);
  message.body(link_);
  link_.end_packet();
  return true;
}

bool MqttClient::begin(uint8_t type, uint16_t size) {
  const uint8_t header = size < 128 ? 2 : size < 16384 ? 3 : 4;
  if (!link_.begin_packet(static_cast<uint16_t>(size + header))) return false;
  link_.put(static_cast<char>(type));
  do {
    const uint8_t more = size >= 128 ? 0x80 : 0;
    link_.put(static_cast<char>((size & 0x7F) | more));
    size >>= 7;
  } while (size != 0);
  return true;
}

void MqttClient::part(Sink& sink, Part part) const {
  switch (part) {
    case Part::client_id:
      owner_.mqtt_client_id(sink);
      break;
    case Part::will_topic:
      owner_.mqtt_will().topic(sink);
      break;
    case Part::will_body:
      owner_.mqtt_will().body(sink);
      break;
    case Part::user:
      sink.text(owner_.mqtt_user());
      break;
    case Part::password:
      sink.text(owner_.mqtt_password());
  }
}

void MqttClient::string(Sink& sink, Part what) const {
  CountingSink count;
  part(count, what);
  word(sink, count.size);
  part(sink, what);
}

void MqttClient::connect_body(Sink& sink) const {
  const bool user = owner_.mqtt_user()[0] != '\0';
  word(sink, 4);
  sink.text(PVF_F("MQTT"));
  sink.put(4);
  // A retained will, a clean session, and user and password where there are any.
  sink.put(static_cast<char>(user ? 0xE6 : 0x26));
  word(sink, kKeepAliveS);
  string(sink, Part::client_id);
  string(sink, Part::will_topic);
  string(sink, Part::will_body);
  if (!user) return;
  string(sink, Part::user);
  string(sink, Part::password);
}

void MqttClient::send_connect() {
  CountingSink count;
  connect_body(count);
  if (!begin(kConnect, count.size)) return;
  connect_body(link_);
  link_.end_packet();
  state_ = State::greeting;
  header_ = 0;
  patience_.set(kOpenMs);
}

void MqttClient::subscribe_body(Sink& sink) const {
  word(sink, 1);
  for (uint8_t i = 0;; ++i) {
    CountingSink count;
    if (!owner_.mqtt_filter(i, count)) return;
    word(sink, count.size);
    owner_.mqtt_filter(i, sink);
    sink.put(0);
  }
}

void MqttClient::send_subscribe() {
  CountingSink count;
  subscribe_body(count);
  if (!begin(kSubscribe, count.size)) {
    drop();
    return;
  }
  subscribe_body(link_);
  link_.end_packet();
}

bool MqttClient::send_bare(uint8_t type) {
  if (!begin(type, 0)) return false;
  link_.end_packet();
  return true;
}

void MqttClient::send_ack(uint16_t packet) {
  if (!begin(kPublishAck, 2)) return;
  word(link_, packet);
  link_.end_packet();
}

bool MqttClient::take_header(uint8_t byte) {
  if (header_ == 0) {
    type_ = byte;
    left_ = 0;
    size_ = 0;
    oversized_ = false;
    header_ = 1;
    return true;
  }
  // The length comes in groups of seven bits, at most four.
  left_ |= static_cast<uint32_t>(byte & 0x7F) << (7 * (header_ - 1));
  if ((byte & 0x80) == 0) {
    header_ = 0xFF;
    oversized_ = left_ > kPacketSize;
    return true;
  }
  return ++header_ <= 4;
}

void MqttClient::read_packet() {
  for (uint16_t i = 0; i < kBytesPerStep; ++i) {
    if (header_ != 0xFF || left_ != 0) {
      const int16_t byte = link_.read();
      if (byte < 0) return;
      if (header_ != 0xFF) {
        if (!take_header(static_cast<uint8_t>(byte))) {
          drop();
          return;
        }
      } else {
        if (!oversized_) packet_[size_++] = static_cast<char>(byte);
        --left_;
      }
    }
    if (header_ == 0xFF && left_ == 0) {
      header_ = 0;
      patience_.set(kSilenceMs);
      if (!oversized_) handle_packet();
      return;
    }
  }
}

void MqttClient::handle_packet() {
  const uint8_t type = type_ & 0xF0;
  if (state_ == State::greeting) {
    if (type != kConnectAck || size_ != 2 || packet_[1] != 0) {
      drop();
      return;
    }
    state_ = State::ready;
    backoff_ms_ = 0;
    ping_.set(kPingMs);
    send_subscribe();
    if (state_ == State::ready) owner_.mqtt_connected();
    return;
  }
  if (type == kPublish) {
    handle_publish();
  } else if (type != kPong && type != kSubscribeAck) {
    drop();
  }
}

void MqttClient::handle_publish() {
  const uint8_t quality = (type_ >> 1) & 3;
  if (size_ < 2 || quality > 1) {
    drop();
    return;
  }
  const uint16_t topic = static_cast<uint16_t>(static_cast<uint8_t>(packet_[0]) << 8 |
                                               static_cast<uint8_t>(packet_[1]));
  const uint16_t head = quality == 0 ? 2 : 4;
  if (topic == 0 || topic > size_ - 2 || topic + head > size_) {
    drop();
    return;
  }
  const char* at = packet_ + 2 + topic;
  if (quality == 1) {
    send_ack(static_cast<uint16_t>(static_cast<uint8_t>(at[0]) << 8 |
                                   static_cast<uint8_t>(at[1])));
    at += 2;
  }
  owner_.mqtt_received(packet_ + 2, topic, at,
                       static_cast<uint16_t>(packet_ + size_ - at),
                       (type_ & kRetain) != 0);
}

}  // namespace pvf
