// Schedules in the usual five fields: minute, hour, day of month, month, day of week. Times are UTC.
#ifndef TIKHAUL_COORDINATOR_CORE_CRON_H_
#define TIKHAUL_COORDINATOR_CORE_CRON_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tikhaul {

// A schedule. Copyable value; made by ParseCron only.
class Cron {
 public:
  // The first instant after `after` at which the schedule fires: a whole minute of UTC.
  absl::Time Next(absl::Time after) const;

 private:
  friend absl::StatusOr<Cron> ParseCron(absl::string_view text);
  bool MatchesDay(absl::CivilDay day) const;

  uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  // bit n: the value n; Sunday is 0
  // Where both day fields are restricted, a day needs to match only one of them, as in every cron.
  bool days_restricted_ = false, weekdays_restricted_ = false;
};

// Each field holds "*", numbers, ranges "1-5", steps "*/15" and "10-50/20", and lists of those with commas. Months and
// weekdays may be English names of three letters (jan, mon); weekday 7 is Sunday, too. INVALID_ARGUMENT names the field
// and what it may hold; also for schedules that never fire (30 February).
absl::StatusOr<Cron> ParseCron(absl::string_view text);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_CRON_H_
