// Calls and time that reading takes, by what is known of the rows. Pure.
#ifndef TIKHAUL_COORDINATOR_CORE_PRICING_H_
#define TIKHAUL_COORDINATOR_CORE_PRICING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace tikhaul {

// Pages of a request that is expected to bring `rows`: the average over what the rows may turn out to be, a quarter
// more or less. At least 1.
double ExpectedPages(double rows, uint32_t page_size);

// `count` of [0, size), spread evenly; without those in `taken`. All that are left when there are no more.
std::vector<size_t> SpreadSample(size_t size, size_t count, const std::vector<size_t>& taken);

// Mean and standard deviation of a sample. Both 0 for an empty one.
struct SampleFigures {
  double mean = 0;
  double deviation = 0;
};
SampleFigures FiguresOf(const std::vector<double>& sample);

// How many calls may be made.
struct CallLimits {
  double per_second = 10;
  double per_minute = 600;
  double per_day = 864'000;
  absl::Duration guard;  // added to each window of a second (common/quota/limiter.h)
  double left_today = 864'000;
  absl::Duration left_of_day;  // until 00:00 UTC
};

// How long the calls take where nothing but their limits holds them up.
absl::Duration TimeForCalls(double calls, const CallLimits& limits);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_PRICING_H_
