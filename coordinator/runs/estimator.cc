#include "coordinator/runs/estimator.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/tiktok/report_figures.h"
#include "coordinator/core/pricing.h"
#include "coordinator/core/road.h"

namespace tikhaul {
namespace {

// Samples: first a few of each extract, then more where they differ. Together at most a part of the calls that reading
// takes at least, but enough for small plans to be right, too.
constexpr double kSampleShare = 0.04;
constexpr double kFewestSamples = 40;
constexpr size_t kFirstSamples = 4;

// Requests of a report are parts of one table and bring the same rows each; those of other streams bring different
// ones.
bool SameRowsInEach(const RegisteredExtract& extract) {
  return extract.window_kind == WindowKind::kDays || extract.granularity == Granularity::kLifetime;
}

double CallsByPages(const RegisteredExtract& extract, const v1::ReadPlan& plan, double rows) {
  const double requests = plan.requests_size();
  if (!plan.paged()) return requests;
  const double pages = ExpectedPages(rows, plan.requests(0).page_size());
  return SameRowsInEach(extract) ? pages * requests : pages + requests - 1;
}

uint32_t PageSizeOf(const v1::ReadPlan& plan) { return plan.paged() ? plan.requests(0).page_size() : 0; }

// By the road that the window would be read by now; `rows` 0: not known.
Road RoadBy(const RegisteredExtract& extract, std::optional<Road> learnt, const v1::ReadPlan& plan, double rows) {
  return ChooseRoad({.open = extract.roads, .learnt = learnt, .rows = rows, .page_size = PageSizeOf(plan)});
}

double CallsFor(const RegisteredExtract& extract, std::optional<Road> learnt, const v1::ReadPlan& plan, double rows) {
  if (RoadBy(extract, learnt, plan, rows) == Road::kPages) return CallsByPages(extract, plan, rows);
  return static_cast<double>(CallsBy(Road::kTask, rows, PageSizeOf(plan)));
}

}  // namespace

class Estimator::Pricing {
 public:
  Pricing(Estimator& estimator, const std::vector<Request>& requests) : parent_(estimator) {
    for (const Request& request : requests) {
      parts_.push_back(
          {.request = &request, .spec = SpecFor(*request.extract, request.only_metrics), .unknown = {}, .samples = {}});
    }
  }

  absl::Status Know() {
    return parent_.store_.Read([&](StoreReader& reader) -> absl::Status {
      for (Part& part : parts_) RETURN_IF_ERROR(KnowPart(reader, part));
      return absl::OkStatus();
    });
  }

  // Asks for totals until the budget is spent.
  absl::Status Sample() {
    double least_calls = 0;
    for (const Part& part : parts_) least_calls += part.known_calls + LeastCalls(part);
    double budget = std::max(kFewestSamples, least_calls * kSampleShare);
    for (Part& part : parts_) Choose(part, kFirstSamples, &budget);
    RETURN_IF_ERROR(AskChosen());
    double weight = 0;
    for (const Part& part : parts_) weight += Doubt(part);
    if (weight <= 0 || budget <= 0) return absl::OkStatus();
    const double rest = budget;
    for (Part& part : parts_) {
      const double calls = rest * Doubt(part) / weight;
      Choose(part, static_cast<size_t>(calls / CallsPerSample(part)), &budget);
    }
    return AskChosen();
  }

  PlanEstimate Sum() {
    for (const Part& part : parts_) estimate_.extracts.push_back(SumPart(part));
    return std::move(estimate_);
  }

 private:
  struct UnknownWindow {
    const ToRead* pair;
    Window window;
    std::optional<Road> learnt = {};
  };
  struct Part {
    const Request* request;
    v1::Extract spec;  // as its chunks read it
    double known_calls = 0, known_rows = 0;
    std::vector<UnknownWindow> unknown;
    std::vector<size_t> sampled = {}, chosen = {};  // of `unknown`
    struct {
      std::vector<double> calls, rows;
    } samples;            // of those sampled
    bool failed = false;  // the API did not tell
  };

  absl::Status KnowPart(StoreReader& reader, Part& part) {
    const RegisteredExtract& extract = *part.request->extract;
    for (const ToRead& pair : part.request->pairs) {
      ASSIGN_OR_RETURN(const std::optional<double> rows_per_day,
                       reader.RowsPerDay(extract.spec.name(), pair.advertiser.id));
      ASSIGN_OR_RETURN(const std::optional<Road> learnt,
                       reader.GetRoad(extract.spec.name(), pair.advertiser.id, extract.version));
      for (const Window& window : pair.windows) {
        const v1::ReadPlan plan = PlanFor(part, {&pair, window, learnt});
        if (rows_per_day.has_value() || !plan.paged()) {
          const double rows = rows_per_day.value_or(0) * static_cast<double>(window.Days());
          part.known_calls += CallsFor(extract, learnt, plan, rows);
          part.known_rows += rows;
        } else {
          part.unknown.push_back({&pair, window, learnt});
        }
      }
    }
    return absl::OkStatus();
  }

  static v1::ReadPlan PlanFor(const Part& part, const UnknownWindow& unknown) {
    const Advertiser& advertiser = unknown.pair->advertiser;
    return CompileReadPlan(part.spec, advertiser.connection, advertiser.id, unknown.window);
  }

  double LeastCalls(const Part& part) const {
    if (part.unknown.empty()) return 0;
    const UnknownWindow& first = part.unknown.front();
    return CallsFor(*part.request->extract, first.learnt, PlanFor(part, first), 0) *
           static_cast<double>(part.unknown.size());
  }

  // One request tells of all of a report.
  static double CallsPerSample(const Part& part) {
    if (part.unknown.empty() || SameRowsInEach(*part.request->extract)) return 1;
    return PlanFor(part, part.unknown.front()).requests_size();
  }

  // How much of the sum one more sample would settle (Neyman's allocation).
  static double Doubt(const Part& part) {
    if (part.failed || part.sampled.size() >= part.unknown.size()) return 0;
    return FiguresOf(part.samples.calls).deviation * static_cast<double>(part.unknown.size());
  }

  void Choose(Part& part, size_t count, double* budget) {
    const double affordable = std::max(0.0, *budget) / CallsPerSample(part);
    count = std::min({count, static_cast<size_t>(affordable), part.unknown.size() - part.sampled.size()});
    part.chosen = SpreadSample(part.unknown.size(), count, part.sampled);
    *budget -= static_cast<double>(part.chosen.size()) * CallsPerSample(part);
  }

  struct Asked {
    Part* part;
    size_t index;     // of part->unknown
    size_t requests;  // of its plan
  };

  absl::Status AskChosen() {
    std::vector<ApiCall> calls;
    std::vector<Asked> asked;
    for (Part& part : parts_) {
      for (const size_t index : part.chosen) {
        RETURN_IF_ERROR(AddCalls(part, index, &calls, &asked));
      }
      part.chosen.clear();
    }
    if (calls.empty()) return absl::OkStatus();
    const std::vector<ApiTransport::Result> results = SendAll(parent_.transport_, std::move(calls));
    size_t next = 0;
    for (const Asked& one : asked) {
      RETURN_IF_ERROR(Take(one, {results.begin() + static_cast<std::ptrdiff_t>(next),
                                 results.begin() + static_cast<std::ptrdiff_t>(next + one.requests)}));
      next += one.requests;
    }
    return absl::OkStatus();
  }

  absl::Status AddCalls(Part& part, size_t index, std::vector<ApiCall>* calls, std::vector<Asked>* asked) {
    const UnknownWindow& unknown = part.unknown[index];
    const auto& connections = parent_.config_.connections();
    const auto connection = std::find_if(connections.begin(), connections.end(), [&](const v1::Connection& one) {
      return one.name() == unknown.pair->advertiser.connection;
    });
    const absl::StatusOr<Secret> token = connection == connections.end()
                                             ? absl::NotFoundError("its connection is not configured")
                                             : ReadToken(*connection);
    if (!token.ok()) return Fail(part, token.status().message());
    const v1::ReadPlan plan = PlanFor(part, unknown);
    const int requests = SameRowsInEach(*part.request->extract) ? 1 : plan.requests_size();
    for (int i = 0; i < requests; ++i) {
      ApiCall call{.path = plan.requests(i).path(), .params = {}, .token = *token};
      for (const v1::ApiParam& param : plan.requests(i).params()) call.params.emplace_back(param.name(), param.value());
      call.params.emplace_back("page", "1");
      call.params.emplace_back("page_size", "1");
      calls->push_back(std::move(call));
    }
    asked->push_back({&part, index, static_cast<size_t>(requests)});
    return absl::OkStatus();
  }

  absl::Status Take(const Asked& asked, const std::vector<ApiTransport::Result>& results) {
    Part& part = *asked.part;
    const v1::ReadPlan plan = PlanFor(part, part.unknown[asked.index]);
    double calls = 0, rows = 0;
    for (size_t i = 0; i < results.size(); ++i) {
      estimate_.calls_spent += results[i].calls;
      if (!results[i].ok) {
        if (results[i].fault.failure_class == FailureClass::kReleased) {
          return absl::CancelledError("the coordinator is stopping");
        }
        return Fail(part, results[i].fault.message);
      }
      const absl::StatusOr<uint64_t> total = ReadTotalNumber(results[i].answer.body);
      if (!total.ok()) return Fail(part, total.status().message());
      const uint32_t page_size = plan.requests(static_cast<int>(i)).page_size();
      calls += static_cast<double>(std::max<uint64_t>(1, (*total + page_size - 1) / page_size));
      rows += static_cast<double>(*total);
    }
    if (SameRowsInEach(*part.request->extract)) calls *= plan.requests_size();
    // All but a pair's first windows are read when something is known of its rows.
    const std::optional<Road> learnt = part.unknown[asked.index].learnt;
    if (RoadBy(*part.request->extract, learnt, plan, rows) == Road::kTask) {
      calls = static_cast<double>(CallsBy(Road::kTask, rows, PageSizeOf(plan)));
    }
    part.sampled.push_back(asked.index);
    part.samples.calls.push_back(calls);
    part.samples.rows.push_back(rows);
    return absl::OkStatus();
  }

  absl::Status Fail(Part& part, absl::string_view why) {
    if (!part.failed) {
      estimate_.notes.push_back(
          absl::StrCat(part.request->extract->spec.name(), ": the API does not tell how many rows there are: ", why));
    }
    part.failed = true;
    return absl::OkStatus();
  }

  // A window that was not asked about is taken to have as many rows a day as the nearest one of its advertiser that
  // was, or as all of them.
  static void AddBySample(const Part& part, double* calls, double* rows) {
    const RegisteredExtract& extract = *part.request->extract;
    std::vector<double> per_day;
    for (size_t i = 0; i < part.sampled.size(); ++i) {
      per_day.push_back(part.samples.rows[i] / static_cast<double>(part.unknown[part.sampled[i]].window.Days()));
    }
    for (size_t at = 0; at < part.unknown.size(); ++at) {
      const UnknownWindow& unknown = part.unknown[at];
      std::optional<size_t> nearest;
      const auto distance = [&](size_t sample) {
        return std::max(at, part.sampled[sample]) - std::min(at, part.sampled[sample]);
      };
      for (size_t i = 0; i < part.sampled.size(); ++i) {
        if (part.unknown[part.sampled[i]].pair != unknown.pair) continue;
        if (!nearest.has_value() || distance(i) < distance(*nearest)) nearest = i;
      }
      if (nearest.has_value() && part.sampled[*nearest] == at) {
        *calls += part.samples.calls[*nearest];
        *rows += part.samples.rows[*nearest];
        continue;
      }
      const double expected = (nearest.has_value() ? per_day[*nearest] : FiguresOf(per_day).mean) *
                              static_cast<double>(unknown.window.Days());
      *calls += CallsFor(extract, unknown.learnt, PlanFor(part, unknown), expected);
      *rows += expected;
    }
  }

  Estimate SumPart(const Part& part) const {
    Estimate sum{.extract = part.request->extract->spec.name(),
                 .advertisers = static_cast<uint32_t>(part.request->pairs.size()),
                 .idle_windows = part.request->idle_windows,
                 .first_day = {},
                 .last_day = {}};
    const bool by_sample = !part.samples.calls.empty();
    double calls = part.known_calls, rows = part.known_rows;
    if (by_sample) {
      AddBySample(part, &calls, &rows);
    } else {
      calls += LeastCalls(part);
    }
    sum.calls = static_cast<uint64_t>(std::llround(calls));
    sum.rows = static_cast<uint64_t>(std::llround(rows));
    sum.rows_known = !part.request->pairs.empty() && (part.unknown.empty() || by_sample);
    const absl::CivilDay today = DayIn(absl::UTCTimeZone(), parent_.clock_.Now());
    for (const ToRead& pair : part.request->pairs) {
      sum.chunks += pair.windows.size();
      for (const Window& window : pair.windows) {
        const bool whole = window.kind == WindowKind::kWhole;
        const absl::CivilDay first = whole ? today : window.first, last = whole ? today : window.last;
        if (sum.first_day == absl::CivilDay() || first < sum.first_day) sum.first_day = first;
        if (sum.last_day == absl::CivilDay() || last > sum.last_day) sum.last_day = last;
      }
    }
    return sum;
  }

  Estimator& parent_;
  std::vector<Part> parts_;
  PlanEstimate estimate_;
};

Estimator::Estimator(const v1::Config& config, Store& store, ApiTransport& transport,
                     std::function<std::string()> obstacle, const Clock& clock)
    : config_(config), store_(store), transport_(transport), obstacle_(std::move(obstacle)), clock_(clock) {}

absl::StatusOr<PlanEstimate> Estimator::Price(const std::vector<Request>& requests, bool may_call) {
  Pricing pricing(*this, requests);
  RETURN_IF_ERROR(pricing.Know());
  const std::string obstacle = may_call ? obstacle_() : "";
  if (may_call && obstacle.empty()) RETURN_IF_ERROR(pricing.Sample());
  PlanEstimate estimate = pricing.Sum();
  if (!obstacle.empty()) estimate.notes.push_back(absl::StrCat("the API was not asked: ", obstacle));
  return estimate;
}

}  // namespace tikhaul
