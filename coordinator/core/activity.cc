#include "coordinator/core/activity.h"

#include <algorithm>

#include "coordinator/core/coverage.h"

namespace tikhaul {
namespace {

constexpr int kLongestProbe = 365;      // tiktok-api.md 4.4
constexpr int kLongestProbeByDay = 30;  // the same
// A span about which nothing is known is asked about when that costs no more than this part of the calls it may save:
// whole years without figures are common.
constexpr double kFirstShare = 1.0 / 4;
// A part of a span with figures is idle far less often.
constexpr double kFurtherShare = 1.0 / 40;

int64_t DaysOf(const Coverage& span) { return span.last - span.first + 1; }

int64_t Windows(int64_t days, int64_t longest) { return (days + longest - 1) / longest; }

class ProbePlanner {
 public:
  ProbePlanner(const std::vector<WantedDays>& wanted, const std::vector<ActivitySpan>& known, double cost)
      : wanted_(wanted), known_(known), cost_(cost) {
    for (const WantedDays& extract : wanted) days_.insert(days_.end(), extract.days.begin(), extract.days.end());
    days_ = NormalizeIntervals(std::move(days_));
    for (const ActivitySpan& span : known) known_days_.push_back({span.first, span.last});
    known_days_ = NormalizeIntervals(std::move(known_days_));
  }

  std::vector<Probe> Plan(const ProbeFrame& frame) {
    for (absl::CivilDay last = frame.newest; last >= frame.oldest; last -= kLongestProbe) {
      AskAboutYear({std::max(frame.oldest, last - (kLongestProbe - 1)), last});
    }
    for (const ActivitySpan& span : known_) {
      if (span.active && !span.exact) AskMoreFinely({span.first, span.last});
    }
    std::sort(probes_.begin(), probes_.end());
    return std::move(probes_);
  }

 private:
  void AskAboutYear(const Coverage& year) {
    if (Clip(known_days_, year.first, year.last).empty()) return AskIfItPays(year);
    const std::vector<Coverage> unknown = SubtractIntervals(Clip(days_, year.first, year.last), known_days_);
    for (const Coverage& span : unknown) AskIfItPays(span);
  }

  void AskIfItPays(const Coverage& span) {
    const double saved = CallsOf(span);
    if (saved > 0 && cost_ <= saved * kFirstShare) probes_.push_back({span.first, span.last, false});
  }

  void AskMoreFinely(const Coverage& span) {
    const double most = CallsOf(span) * kFurtherShare;
    if (static_cast<double>(Windows(DaysOf(span), kLongestProbeByDay)) * cost_ <= most) {
      for (absl::CivilDay last = span.last; last >= span.first; last -= kLongestProbeByDay) {
        probes_.push_back({std::max(span.first, last - (kLongestProbeByDay - 1)), last, true});
      }
    } else if (DaysOf(span) >= 2 && 2 * cost_ <= most) {
      const absl::CivilDay middle = span.first + DaysOf(span) / 2;
      probes_.push_back({span.first, middle - 1, false});
      probes_.push_back({middle, span.last, false});
    }
  }

  // Calls that reading the span takes, at least.
  double CallsOf(const Coverage& span) const {
    int64_t calls = 0;
    for (const WantedDays& extract : wanted_) {
      calls += Windows(CountDays(Clip(extract.days, span.first, span.last)), extract.longest_days);
    }
    return static_cast<double>(calls);
  }

  const std::vector<WantedDays>& wanted_;
  const std::vector<ActivitySpan>& known_;
  const double cost_;
  std::vector<Coverage> days_, known_days_;
  std::vector<Probe> probes_;
};

}  // namespace

std::vector<Probe> NextProbes(const std::vector<WantedDays>& wanted, const std::vector<ActivitySpan>& known,
                              const ProbeFrame& frame, double cost) {
  return ProbePlanner(wanted, known, cost).Plan(frame);
}

std::vector<ActivitySpan> WithAnswer(const std::vector<ActivitySpan>& known, const ActivitySpan& answer) {
  std::vector<ActivitySpan> spans = {answer};
  for (const ActivitySpan& old : known) {
    for (const Coverage& rest : SubtractIntervals({{old.first, old.last}}, {{answer.first, answer.last}})) {
      spans.push_back(old);
      spans.back().first = rest.first;
      spans.back().last = rest.last;
    }
  }
  std::sort(spans.begin(), spans.end(), [](const ActivitySpan& a, const ActivitySpan& b) { return a.first < b.first; });
  return spans;
}

std::vector<ActivitySpan> SpansOfDays(const Probe& probe, std::vector<absl::CivilDay> active_days, absl::Time asked,
                                      const std::string& request_id) {
  std::vector<Coverage> active;
  for (const absl::CivilDay day : active_days) active.push_back({day, day});
  active = Clip(NormalizeIntervals(std::move(active)), probe.first, probe.last);
  std::vector<ActivitySpan> spans;
  const auto add = [&](const std::vector<Coverage>& days, bool is_active) {
    for (const Coverage& span : days) {
      spans.push_back({.first = span.first,
                       .last = span.last,
                       .active = is_active,
                       .exact = is_active,
                       .asked = asked,
                       .request_id = request_id});
    }
  };
  add(active, true);
  add(Holes(active, probe.first, probe.last), false);
  return spans;
}

std::vector<Coverage> IdleDays(const std::vector<ActivitySpan>& known) {
  std::vector<Coverage> idle;
  for (const ActivitySpan& span : known) {
    if (!span.active) idle.push_back({span.first, span.last});
  }
  return NormalizeIntervals(std::move(idle));
}

}  // namespace tikhaul
