// How the days of an extract and its advertisers stand: facts, of which a calendar is painted
// (coordinator/core/calendar.h).
#ifndef TIKHAUL_COMMON_MODEL_CALENDAR_H_
#define TIKHAUL_COMMON_MODEL_CALENDAR_H_

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"

namespace tikhaul {

// A part of an extract's calendar: whoever lies between the two advertisers, and the days between the two, all
// included.
struct CalendarPart {
  std::string extract = {};
  std::string first_advertiser = {};
  std::string last_advertiser = {};  // empty: no end
  absl::CivilDay first = absl::CivilDay(1970, 1, 1);
  absl::CivilDay last = absl::CivilDay(9999, 12, 31);
};

// Days that are committed.
struct CoveredDays {
  std::string advertiser;
  Coverage days;
  friend bool operator==(const CoveredDays&, const CoveredDays&) = default;
};

// One read of whole rows of these days, or one answer of the API that they have none.
struct ReadDays {
  std::string advertiser;
  Coverage days;
  absl::Time committed = absl::InfinitePast();
  bool by_probe = false;                      // as in LedgerEntry
  absl::Time claimed = absl::InfinitePast();  // as in LedgerEntry
  friend bool operator==(const ReadDays&, const ReadDays&) = default;
};

// Days of a chunk that is ready, running or dead.
struct OpenDays {
  std::string advertiser;
  Coverage days;
  ChunkState state = ChunkState::kReady;
  absl::Time died = absl::InfinitePast();  // of a dead one
  friend bool operator==(const OpenDays&, const OpenDays&) = default;
};

// By advertiser, first and last day, state.
inline void SortOpenDays(std::vector<OpenDays>& open) {
  std::stable_sort(open.begin(), open.end(), [](const OpenDays& a, const OpenDays& b) {
    return std::tie(a.advertiser, a.days.first, a.days.last, a.state) <
           std::tie(b.advertiser, b.days.first, b.days.last, b.state);
  });
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_CALENDAR_H_
