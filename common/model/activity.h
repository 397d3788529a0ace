// What is known of when an advertiser was active.
#ifndef TIKHAUL_COMMON_MODEL_ACTIVITY_H_
#define TIKHAUL_COMMON_MODEL_ACTIVITY_H_

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tikhaul {

// An answer of the API about the days [first, last] of an advertiser, both included, in its own zone.
struct ActivitySpan {
  absl::CivilDay first;
  absl::CivilDay last;
  // False: every figure of the span is zero. True: some day of it has figures, with `exact` every day.
  bool active = false;
  bool exact = false;
  absl::Time asked = absl::InfinitePast();
  std::string request_id;
  friend bool operator==(const ActivitySpan&, const ActivitySpan&) = default;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_ACTIVITY_H_
