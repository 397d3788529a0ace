// When an advertiser was active, asked of the API so cheaply that it saves calls: which spans to ask about, and what
// the answers leave to be read. Pure.
//
// A question costs one call for a whole year (tiktok-api.md 4.4), shared by the advertisers that are asked about
// together; a year without figures then saves every window of every extract in it. A year with figures is asked about
// more finely only where that is sure to cost little: at most a fortieth of the calls that it may save. Both steps
// together so cost a few per cent where nobody was ever idle.
#ifndef TIKHAUL_COORDINATOR_CORE_ACTIVITY_H_
#define TIKHAUL_COORDINATOR_CORE_ACTIVITY_H_

#include <string>
#include <tuple>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/model/activity.h"
#include "common/model/chunk.h"

namespace tikhaul {

// One question: totals of [first, last], or figures of each of its days. At most 365 and 30 days (tiktok-api.md 4.4).
struct Probe {
  absl::CivilDay first;
  absl::CivilDay last;
  bool by_day = false;
  friend bool operator==(const Probe&, const Probe&) = default;
  friend bool operator<(const Probe& a, const Probe& b) {
    return std::tie(a.first, a.last, a.by_day) < std::tie(b.first, b.last, b.by_day);
  }
};

// What one extract would read of an advertiser if nothing more were known.
struct WantedDays {
  std::vector<Coverage> days;  // normal form (coverage.h); only days whose figures are final
  int longest_days = 30;       // of a window
};

// Days that the years are counted from and end with: the same for all advertisers that are asked about together, so
// that their questions are the same.
struct ProbeFrame {
  absl::CivilDay oldest;
  absl::CivilDay newest;
};

// The questions that pay now, about one advertiser. `known`: by day, without overlaps. `cost`: calls for one question,
// its part of a shared call. Empty when nothing more is worth asking. Ask again with the answers in `known`.
std::vector<Probe> NextProbes(const std::vector<WantedDays>& wanted, const std::vector<ActivitySpan>& known,
                              const ProbeFrame& frame, double cost);

// `known` with the answer, which has the last word about its days.
std::vector<ActivitySpan> WithAnswer(const std::vector<ActivitySpan>& known, const ActivitySpan& answer);
// What a question by day has brought: `active_days` in any order.
std::vector<ActivitySpan> SpansOfDays(const Probe& probe, std::vector<absl::CivilDay> active_days, absl::Time asked,
                                      const std::string& request_id);

// Days that are known to be without figures, in normal form.
std::vector<Coverage> IdleDays(const std::vector<ActivitySpan>& known);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_ACTIVITY_H_
