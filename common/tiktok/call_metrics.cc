#include "common/tiktok/call_metrics.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/model/names.h"
#include "common/tiktok/error_rules.h"

namespace tikhaul {
namespace {

// Bounded: codes that no sheet knows share one word.
std::string CodeLabel(const CallReport& report) {
  if (report.code == 0 && report.fault.has_value()) return "none";
  if (!IsSuccessCode(report.code) && ClassifyCode(report.code, "") == FailureClass::kUnknownCode) return "other";
  return absl::StrCat(report.code);
}

}  // namespace

CallMetrics::CallMetrics(MetricSet& set)
    : calls_(set.AddCounters("tikhaul_api_calls_total", "Calls to the API, by what came of them.",
                             {"endpoint", "code", "class"})),
      seconds_(set.AddHistograms("tikhaul_api_call_seconds", "From a request's leaving to the end of its answer.",
                                 {"endpoint"})),
      bytes_(set.AddCounter("tikhaul_api_answer_bytes_total", "Bytes of answers, as they came over the wire.")),
      over_limit_(
          set.AddCounters("tikhaul_api_over_limit_total", "Answers that say \"too many requests\".", {"scope"})) {
  over_limit_.With({"app"});
  over_limit_.With({"advertiser"});
}

void CallMetrics::Note(const CallReport& report) {
  const std::string outcome(report.fault.has_value() ? Name(*report.fault) : "ok");
  calls_.With({report.path, CodeLabel(report), outcome}).Add();
  bytes_.Add(static_cast<double>(report.bytes));
  if (report.took.has_value()) seconds_.With({report.path}).Observe(*report.took);
  if (report.fault == FailureClass::kThrottled)
    over_limit_.With({report.code == kAdvertiserLimit ? "advertiser" : "app"}).Add();
}

}  // namespace tikhaul
