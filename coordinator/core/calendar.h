// How the days of one extract and advertiser stand: one letter per day. Pure.
#ifndef TIKHAUL_COORDINATOR_CORE_CALENDAR_H_
#define TIKHAUL_COORDINATOR_CORE_CALENDAR_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/calendar.h"
#include "common/model/chunk.h"
#include "coordinator/core/finality.h"

namespace tikhaul {

// The letters, as in admin.proto.
inline constexpr char kNotWanted = '.';
inline constexpr char kMissing = 'm';
inline constexpr char kWaits = 'q';
inline constexpr char kRuns = 'r';
inline constexpr char kProvisionalDay = 'p';
inline constexpr char kSettlingDay = 's';
inline constexpr char kFinalDay = 'f';
inline constexpr char kIdle = 'i';
inline constexpr char kDead = 'd';

// A day, old enough to be final, of which the read that was settled at that instant changed what was there.
struct MovedDay {
  absl::CivilDay day;
  absl::Time settled = absl::InfinitePast();
};

// What is known of one extract and advertiser. The lists may be in any order; names in them do not count.
struct CalendarFacts {
  std::optional<absl::CivilDay> wanted_from;  // Cursor::first_day
  std::vector<CoveredDays> covered;
  std::vector<ReadDays> reads;
  std::vector<OpenDays> open;
  std::vector<MovedDay> moved;
};

// From the oldest to the newest day that was wanted or read; nothing when there is none.
std::optional<Coverage> WantedDays(const CalendarFacts& facts);

// A letter for each day of [first, last]. The first that holds:
//   r  a chunk with the day in its window is running;
//   d  one is dead, and no read of the day was committed since it died;
//   i p s f  the day is covered; the newest read says whether it has nothing, or how final it is;
//   q  a chunk with the day in its window is ready;
//   m  the day lies within the wanted days;
//   .  else.
std::string PaintDays(const FinalityRule& rule, const CalendarFacts& facts, absl::CivilDay first, absl::CivilDay last);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_CALENDAR_H_
