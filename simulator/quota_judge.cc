#include "simulator/quota_judge.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tikhaul::simulator {
namespace {

struct Tier {
  absl::string_view name;
  int64_t per_second, per_minute, per_day;
};

// tiktok-api.md 3.3.
constexpr Tier kTiers[] = {
    {"basic", 10, 600, 864'000},
    {"second", 20, 1'200, 1'728'000},
    {"third", 30, 1'800, 2'592'000},
    {"fourth", 50, 3'000, 4'320'000},
};

constexpr char kSandboxPaths[][32] = {"ad/get/",       "adgroup/get/",           "campaign/get/",
                                      "identity/get/", "report/integrated/get/", "user/info/"};

}  // namespace

EndpointLimits DefaultEndpointLimits(bool sandbox) {
  EndpointLimits limits;
  if (!sandbox) {
    limits["report/task/create/"] = {1, 60, 4'500};  // the sheet's lower figure for the second
    limits["gmv_max/report/get/"] = {8, 240, 20'000};
  }
  for (const char* path : kSandboxPaths) {
    if (sandbox) limits[path] = {1, 30, 1'000};
  }
  return limits;
}

absl::StatusOr<std::pair<std::string, QuotaLimits>> ParseEndpointLimit(absl::string_view text) {
  const std::pair<std::string, std::string> sides = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const std::vector<std::string> numbers = absl::StrSplit(sides.second, '/');
  QuotaLimits limits;
  if (sides.first.empty() || numbers.size() != 3 || !absl::SimpleAtoi(numbers[0], &limits.per_second) ||
      !absl::SimpleAtoi(numbers[1], &limits.per_minute) || !absl::SimpleAtoi(numbers[2], &limits.per_day)) {
    return absl::InvalidArgumentError(absl::StrCat("--endpoint-limit ", text, ": write report/task/create/=1/60/4500"));
  }
  return std::pair(sides.first, limits);
}

absl::StatusOr<QuotaLimits> LimitsOfTier(absl::string_view tier) {
  for (const Tier& known : kTiers) {
    if (known.name != tier) continue;
    QuotaLimits limits;
    limits.per_second = known.per_second;
    limits.per_minute = known.per_minute;
    limits.per_day = known.per_day;
    return limits;
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown tier \"", tier, "\"; use basic, second, third or fourth"));
}

int64_t QuotaJudge::Window::Count(const std::vector<int64_t>& times, int64_t now_us) {
  while (tail < times.size() && times[tail] <= now_us - length_us) ++tail;
  return static_cast<int64_t>(times.size() - tail);
}

void QuotaJudge::Window::Note(const std::vector<int64_t>& times, int64_t now_us) {
  most = std::max(most, Count(times, now_us));
}

QuotaJudge::Verdict QuotaJudge::Decide(int64_t at_us, int64_t day) {
  if (day != day_) {
    day_ = day;
    day_count_ = 0;
  }
  if (day_count_ >= limits_.per_day) return Verdict::kPerDay;
  if (closed_until_us_ && at_us < *closed_until_us_) return Verdict::kPerMinute;
  closed_until_us_.reset();
  if (allowed_minute_.Count(allowed_, at_us) >= limits_.per_minute) {
    closed_until_us_ = at_us + absl::ToInt64Microseconds(limits_.minute_penalty);
    return Verdict::kPerMinute;
  }
  if (allowed_second_.Count(allowed_, at_us) >= limits_.per_second) return Verdict::kPerSecond;
  ++day_count_;
  return Verdict::kAllowed;
}

void QuotaJudge::Record(int64_t at_us, Verdict verdict) {
  const bool allowed = verdict == Verdict::kAllowed;
  arrivals_.push_back({at_us, allowed});
  arrived_.push_back(at_us);
  arrived_second_.Note(arrived_, at_us);
  arrived_minute_.Note(arrived_, at_us);
  if (allowed) {
    allowed_.push_back(at_us);
    allowed_second_.Note(allowed_, at_us);
    allowed_minute_.Note(allowed_, at_us);
  }
  figures_.allowed += allowed ? 1 : 0;
  figures_.refused += allowed ? 0 : 1;
  figures_.refused_per_second += verdict == Verdict::kPerSecond ? 1 : 0;
  figures_.refused_per_minute += verdict == Verdict::kPerMinute ? 1 : 0;
  figures_.refused_per_day += verdict == Verdict::kPerDay ? 1 : 0;
}

QuotaJudge::Verdict QuotaJudge::Judge(absl::Duration at, int64_t day) {
  MutexLock lock(mu_);
  // Threads may come here in another order than they read the clock: time never goes back within the log.
  const int64_t last_us = arrived_.empty() ? 0 : arrived_.back();
  const int64_t at_us = std::max(absl::ToInt64Microseconds(at), last_us);
  const Verdict verdict = Decide(at_us, day);
  Record(at_us, verdict);
  return verdict;
}

QuotaFigures QuotaJudge::Figures() const {
  MutexLock lock(mu_);
  QuotaFigures figures = figures_;
  figures.most_arrived_per_second = arrived_second_.most;
  figures.most_arrived_per_minute = arrived_minute_.most;
  figures.most_allowed_per_second = allowed_second_.most;
  figures.most_allowed_per_minute = allowed_minute_.most;
  if (arrived_.size() < 2) return figures;
  const int64_t span_us = arrived_.back() - arrived_.front();
  figures.span = absl::Microseconds(span_us);
  const double by_second = static_cast<double>(limits_.per_second) * (static_cast<double>(span_us) / 1e6 + 1);
  const double by_minute = static_cast<double>(limits_.per_minute) * (static_cast<double>(span_us) / 60e6 + 1);
  figures.share_used = static_cast<double>(figures.allowed) / std::min(by_second, by_minute);
  return figures;
}

std::string QuotaJudge::ArrivalLog() const {
  MutexLock lock(mu_);
  std::string log;
  for (const Arrival& arrival : arrivals_) {
    absl::StrAppend(&log, arrival.at_us - arrivals_.front().at_us, " ", arrival.allowed ? 1 : 0, "\n");
  }
  return log;
}

AppJudge::AppJudge(const QuotaLimits& app, const EndpointLimits& endpoints) : app_(app) {
  for (const auto& [path, limits] : endpoints) endpoints_[path] = std::make_unique<QuotaJudge>(limits);
}

int AppJudge::Judge(const std::string& path, absl::Duration at, int64_t day) {
  if (app_.Judge(at, day) != QuotaJudge::Verdict::kAllowed) return 40100;
  const auto endpoint = endpoints_.find(path);
  if (endpoint == endpoints_.end() || endpoint->second->Judge(at, day) == QuotaJudge::Verdict::kAllowed) return 0;
  return 40016;
}

}  // namespace tikhaul::simulator
