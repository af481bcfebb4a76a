// Whole hours of energy, kept for when nobody could listen.
#pragma once

#include <stdint.h>

#include "limits.h"
#include "registers.h"

#if PVF_FULL

namespace pvf {

// 65 kWh are more than any house's hour.
using HourEnergy = uint16_t;

struct Hour {
  // Unix time in s.
  uint32_t start;
  HourEnergy energy_wh[kTotals];
};

class Hours {
 public:
  static constexpr uint32_t kHour = 3600;

  // After a start: the hour that was under way when the registers were last saved, and
  // the registers themselves.
  void restore(const HourStart& saved, const Register* totals);
  // Takes back a kept hour, the oldest first.
  void restore(const Hour& hour);
  // The clock became known; `boot` is when the node started, Unix time in s.
  void began(uint32_t boot, uint32_t unix_time);
  // Looks whether an hour has ended.
  void step(uint32_t unix_time, const Register* totals, bool link);
  // Returns whether all hours were dropped, because the clock was moved far.
  bool moved(int32_t seconds);
  // Sends everything from a time on again.
  void ask(uint32_t since);
  void link_lost() { heard_ = false; }

  // The hour that is under way; its start is 0 if its beginning was not seen.
  const HourStart& current() const { return current_; }
  // Copies an hour that has just been kept; returns false if there is none.
  bool take_kept(Hour& out);

  // What there is to send: the first that is due, or nullptr. The hour under way is not.
  const Hour* due(uint8_t skip) const;
  uint8_t due_count() const;
  // The first `count` that were due have been sent.
  void sent(uint8_t count);
  uint8_t size() const { return size_; }

 private:
  Hour& at(uint8_t index) { return kept_[(first_ + index) % kKeptHours]; }
  const Hour& at(uint8_t index) const { return kept_[(first_ + index) % kKeptHours]; }
  bool is_due(const Hour& hour) const;
  void keep(const HourStart& start, const Register* totals);

  Hour kept_[kKeptHours];
  HourStart current_;
  HourStart saved_;
  // The hour that it is by the clock, 0 while it is not known.
  uint32_t hour_;
  // Hours that start up to here have been sent, or were heard live.
  uint32_t sent_until_;
  uint8_t first_;
  uint8_t size_;
  bool fresh_;
  // Whether somebody listened since the hour began.
  bool heard_;
};

}  // namespace pvf

#endif
