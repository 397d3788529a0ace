// The app's limits and those of single paths (tiktok-api.md 3.3 and 2.4), judged exactly: every arrival is kept.
#ifndef TIKHAUL_SIMULATOR_QUOTA_JUDGE_H_
#define TIKHAUL_SIMULATOR_QUOTA_JUDGE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace tikhaul::simulator {

struct QuotaLimits {
  int64_t per_second = 10;
  int64_t per_minute = 600;
  int64_t per_day = 864'000;
  // How long everything is refused after a breach of the minute's limit.
  absl::Duration minute_penalty = absl::Minutes(5);
};

// "basic", "second", "third", "fourth". INVALID_ARGUMENT for other names.
absl::StatusOr<QuotaLimits> LimitsOfTier(absl::string_view tier);

// Limits of the calls on one path, by path.
using EndpointLimits = std::map<std::string, QuotaLimits>;
// Those that hold at every tier, or the sandbox's.
EndpointLimits DefaultEndpointLimits(bool sandbox);
// "report/task/create/=1/60/4500": calls per second, minute and day. INVALID_ARGUMENT for other texts.
absl::StatusOr<std::pair<std::string, QuotaLimits>> ParseEndpointLimit(absl::string_view text);

struct QuotaFigures {
  int64_t allowed = 0;
  int64_t refused = 0;
  int64_t refused_per_second = 0;
  int64_t refused_per_minute = 0;  // breaches and what came during the penalty
  int64_t refused_per_day = 0;
  // Most calls in any half-open window of that length, over all arrivals and over those that were allowed.
  int64_t most_arrived_per_second = 0;
  int64_t most_arrived_per_minute = 0;
  int64_t most_allowed_per_second = 0;
  int64_t most_allowed_per_minute = 0;
  // From the first to the last arrival.
  absl::Duration span = absl::ZeroDuration();
  // Allowed calls over what the limits would have allowed in `span` (0 without two arrivals).
  double share_used = 0;
};

// One app, or one path. Thread-safe. A window of one second holds the arrivals in (t - 1 s, t].
class QuotaJudge {
 public:
  explicit QuotaJudge(QuotaLimits limits) : limits_(limits) {}

  enum class Verdict { kAllowed, kPerSecond, kPerMinute, kPerDay };
  // `at` is monotonic (for seconds and minutes), `day` the number of the UTC day (for the day's limit).
  Verdict Judge(absl::Duration at, int64_t day);
  QuotaFigures Figures() const;
  // All arrivals so far, one per line: microseconds since the first, "1" when allowed.
  std::string ArrivalLog() const;

 private:
  struct Arrival {
    int64_t at_us;
    bool allowed;
  };
  // Arrivals within a trailing window, and the most there ever were.
  struct Window {
    int64_t length_us;
    size_t tail = 0;
    int64_t most = 0;
    // Drops what is older than (now - length, now].
    int64_t Count(const std::vector<int64_t>& times, int64_t now_us);
    void Note(const std::vector<int64_t>& times, int64_t now_us);
  };
  Verdict Decide(int64_t at_us, int64_t day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Record(int64_t at_us, Verdict verdict) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const QuotaLimits limits_;
  mutable Mutex mu_;
  std::vector<Arrival> arrivals_ ABSL_GUARDED_BY(mu_);
  std::vector<int64_t> arrived_ ABSL_GUARDED_BY(mu_);
  std::vector<int64_t> allowed_ ABSL_GUARDED_BY(mu_);
  Window arrived_second_ ABSL_GUARDED_BY(mu_){1'000'000};
  Window arrived_minute_ ABSL_GUARDED_BY(mu_){60'000'000};
  Window allowed_second_ ABSL_GUARDED_BY(mu_){1'000'000};
  Window allowed_minute_ ABSL_GUARDED_BY(mu_){60'000'000};
  std::optional<int64_t> closed_until_us_ ABSL_GUARDED_BY(mu_);
  int64_t day_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t day_count_ ABSL_GUARDED_BY(mu_) = 0;
  QuotaFigures figures_ ABSL_GUARDED_BY(mu_);
};

// One app with its paths. A call counts for the app first; what the app's limits refuse does not reach the path's.
// Thread-safe.
class AppJudge {
 public:
  AppJudge(const QuotaLimits& app, const EndpointLimits& endpoints);

  // The return code for the call: 0, 40100 (of the app) or 40016 (of the path).
  int Judge(const std::string& path, absl::Duration at, int64_t day);
  const QuotaJudge& app() const { return app_; }
  const std::map<std::string, std::unique_ptr<QuotaJudge>>& endpoints() const { return endpoints_; }

 private:
  QuotaJudge app_;
  std::map<std::string, std::unique_ptr<QuotaJudge>> endpoints_;  // the map never changes
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_QUOTA_JUDGE_H_
