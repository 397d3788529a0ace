// What one ad did on one day, as it looks at a moment: late, partial, restated (tiktok-api.md 4.8).
#ifndef TIKHAUL_SIMULATOR_FIGURES_H_
#define TIKHAUL_SIMULATOR_FIGURES_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "simulator/data_set.h"
#include "simulator/metrics.h"

namespace tikhaul::simulator {

// How a day of the account looks at the moment. Near real time: 30 minutes late, in whole hours. Corrected: from 12:00
// UTC of the next day on. Conversions grow for the account's click window after the end of the day.
struct DayState {
  int32_t day = 0;
  int visible_hours = 0;  // of 24; 0: nothing to see yet
  int skipped_hour = -1;  // the hour that summer time leaves out
  bool corrected = false;
  int lag_passed = -1;  // whole hours since the end of the day; -1: not over
  int age_days = 0;     // 0 to click_window_days
  int click_window_days = 7;
  int restated_percent = 0;
};

DayState StateOfDay(const Account& account, int64_t day, absl::Time now);
std::vector<DayState> StatesOfDays(const Account& account, int64_t first_day, int64_t last_day, absl::Time now);

struct AdDay {
  const DayState* state = nullptr;
  uint64_t hash = 0;
  uint64_t ad_seed = 0;
  int64_t impressions = 0;  // of the whole day
  int64_t visible = 0;      // of those, what can be seen now
  int64_t clicks = 0, spend = 0, conversions = 0, real_time_conversions = 0, results = 0, real_time_results = 0;
};

// Where `hours` local hours of the day end, in impressions of `impressions`.
int64_t ImpressionsUntil(const DayState& state, int64_t impressions, int hours);

// False when the ad has no row on that day (now).
bool MakeAdDay(const Ad& ad, const DayState& state, AdDay* figures);

// The part [from, to) of the ad's visible impressions, in terms of an additive metric. Parts that make up the whole add
// up to the whole exactly, for every metric.
int64_t Additive(const Metric& metric, const AdDay& figures, int64_t from, int64_t to);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_FIGURES_H_
