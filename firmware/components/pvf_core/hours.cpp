#include "hours.h"

#if PVF_FULL

namespace pvf {

namespace {

// A small correction leaves an hour what it was; a large one does not.
constexpr int32_t kSmallStep = 120;

uint32_t hour_of(uint32_t unix_time) { return unix_time - unix_time % Hours::kHour; }

void begin_hour(HourStart& start, uint32_t hour, const Register* totals) {
  start.hour = hour;
  for (uint8_t i = 0; i < kTotals; ++i) start.watt_hours[i] = totals[i].watt_hours;
}

}  // namespace

void Hours::restore(const HourStart& saved, const Register* totals) {
  begin_hour(current_, 0, totals);
  saved_ = saved;
  // It may have ended while there was no power: then this is all that was measured.
  if (saved.hour != 0) keep(saved, totals);
}

void Hours::restore(const Hour& hour) {
  if (size_ == kKeptHours) return;
  at(size_++) = hour;
}

void Hours::began(uint32_t boot, uint32_t unix_time) {
  hour_ = hour_of(unix_time);
  heard_ = false;
  // What a wrong clock dated in the future.
  while (size_ > 0 && at(static_cast<uint8_t>(size_ - 1)).start > hour_) --size_;
  if (saved_.hour == hour_) {
    current_ = saved_;
  } else if (boot >= hour_) {
    // Before it started there was nothing to measure.
    current_.hour = hour_;
  }
}

void Hours::step(uint32_t unix_time, const Register* totals, bool link) {
  const uint32_t hour = hour_of(unix_time);
  if (hour == hour_) return;
  // Set back a little just after an hour's end: that hour is over already, and what
  // comes belongs to the next.
  if (unix_time < hour_ && hour_ - unix_time <= static_cast<uint32_t>(kSmallStep)) return;
  const bool next = hour_ != 0 && hour == hour_ + kHour;
  if (next && current_.hour == hour_) {
    keep(current_, totals);
    // Somebody listened all the hour: nothing to send later.
    if (heard_) sent_until_ = hour_;
  }
  // An hour into which the clock was moved is not whole.
  begin_hour(current_, next ? hour : 0, totals);
  heard_ = link;
  hour_ = hour;
}

void Hours::keep(const HourStart& start, const Register* totals) {
  Hour* hour = size_ > 0 ? &at(static_cast<uint8_t>(size_ - 1)) : nullptr;
  if (hour == nullptr || hour->start != start.hour) {
    if (size_ == kKeptHours) {
      first_ = static_cast<uint8_t>((first_ + 1) % kKeptHours);
      --size_;
    }
    hour = &at(size_++);
    *hour = Hour();
    hour->start = start.hour;
  }
  for (uint8_t i = 0; i < kTotals; ++i) {
    const HourEnergy energy =
        static_cast<HourEnergy>(totals[i].watt_hours - start.watt_hours[i]);
    // An hour that was written at its end knows more than registers that were saved
    // in the middle of it.
    if (energy > hour->energy_wh[i]) hour->energy_wh[i] = energy;
  }
  fresh_ = true;
}

bool Hours::take_kept(Hour& out) {
  if (!fresh_ || size_ == 0) return false;
  fresh_ = false;
  out = at(static_cast<uint8_t>(size_ - 1));
  return true;
}

bool Hours::moved(int32_t seconds) {
  if (seconds <= kSmallStep && seconds >= -kSmallStep) return false;
  size_ = 0;
  fresh_ = false;
  hour_ = 0;
  current_.hour = 0;
  sent_until_ = 0;
  return true;
}

void Hours::ask(uint32_t since) {
  const uint32_t before = since < kHour ? 0 : since - kHour;
  if (before < sent_until_) sent_until_ = before;
}

bool Hours::is_due(const Hour& hour) const {
  return hour.start > sent_until_ && hour.start < hour_;
}

const Hour* Hours::due(uint8_t skip) const {
  for (uint8_t i = 0; i < size_; ++i) {
    if (is_due(at(i)) && skip-- == 0) return &at(i);
  }
  return nullptr;
}

uint8_t Hours::due_count() const {
  uint8_t count = 0;
  for (uint8_t i = 0; i < size_; ++i) count += is_due(at(i));
  return count;
}

void Hours::sent(uint8_t count) {
  while (count > 0) {
    const Hour* last = due(--count);
    if (last == nullptr) continue;
    sent_until_ = last->start;
    return;
  }
}

}  // namespace pvf

#endif
