#include "coordinator/core/pricing.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace tikhaul {
namespace {

constexpr double kSpread = 0.25;
constexpr int kSteps = 10;
constexpr double kMinuteGuardSeconds = 1;  // the minute is counted in steps of one second

double CallsPerSecond(const CallLimits& limits) {
  return std::max(1e-9, std::min(limits.per_second / (1 + absl::ToDoubleSeconds(limits.guard)),
                                 limits.per_minute / (60 + kMinuteGuardSeconds)));
}

}  // namespace

double ExpectedPages(double rows, uint32_t page_size) {
  if (page_size == 0) return 1;
  double pages = 0;
  for (int step = 0; step <= kSteps; ++step) {
    const double factor = 1 - kSpread + 2 * kSpread * step / kSteps;
    pages += std::max(1.0, std::ceil(rows * factor / page_size));
  }
  return pages / (kSteps + 1);
}

std::vector<size_t> SpreadSample(size_t size, size_t count, const std::vector<size_t>& taken) {
  std::set<size_t> chosen;
  const std::set<size_t> gone(taken.begin(), taken.end());
  const size_t left = size - std::min(size, gone.size());
  count = std::min(count, left);
  for (size_t i = 0; i < count; ++i) {
    size_t at =
        static_cast<size_t>((static_cast<double>(i) + 0.5) * static_cast<double>(size) / static_cast<double>(count));
    while (gone.contains(at % size) || chosen.contains(at % size)) ++at;
    chosen.insert(at % size);
  }
  return {chosen.begin(), chosen.end()};
}

SampleFigures FiguresOf(const std::vector<double>& sample) {
  SampleFigures figures;
  if (sample.empty()) return figures;
  for (const double value : sample) figures.mean += value;
  figures.mean /= static_cast<double>(sample.size());
  if (sample.size() < 2) return figures;
  for (const double value : sample) figures.deviation += (value - figures.mean) * (value - figures.mean);
  figures.deviation = std::sqrt(figures.deviation / static_cast<double>(sample.size() - 1));
  return figures;
}

absl::Duration TimeForCalls(double calls, const CallLimits& limits) {
  if (calls <= 0) return absl::ZeroDuration();
  const double rate = CallsPerSecond(limits);
  const auto working = [&](double some) { return absl::Seconds(some / rate); };
  if (calls <= limits.left_today) return working(calls);
  // What today's rest does not hold goes on at 00:00 UTC, day after day.
  const double after_today = calls - std::max(0.0, limits.left_today);
  const double whole_days = std::ceil(after_today / limits.per_day) - 1;
  return limits.left_of_day + whole_days * absl::Hours(24) + working(after_today - whole_days * limits.per_day);
}

}  // namespace tikhaul
