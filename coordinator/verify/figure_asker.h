// Asks the API for figures: few calls, answers as sums.
#ifndef TIKHAUL_COORDINATOR_VERIFY_FIGURE_ASKER_H_
#define TIKHAUL_COORDINATOR_VERIFY_FIGURE_ASKER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "common/model/window.h"
#include "common/tiktok/report_page.h"
#include "coordinator/verify/figures.h"
#include "tikhaul/v1/config.pb.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// Of one advertiser, one call at a time. Calls take their quota as all others do. Not thread-safe; borrows `transport`.
class FigureAsker {
 public:
  // `wanted` turns false when nobody waits for the answers any more.
  FigureAsker(ApiTransport& transport, Secret token, std::string advertiser, std::function<bool()> wanted)
      : transport_(transport),
        token_(std::move(token)),
        advertiser_(std::move(advertiser)),
        wanted_(std::move(wanted)) {}

  struct Question {
    v1::Extract report;                        // its level, dimensions, metrics and filters are asked for
    Window window;                             // no longer than LongestWindowDays(report)
    bool by_id = false;                        // places hold the ids of the report's level
    std::string parents;                       // filter field: only objects below `parent_ids`
    std::vector<std::string> parent_ids = {};  // at most kMostFilterIds; empty: all
  };
  // Every function may fail as FetchReportPage does, and with OUT_OF_RANGE when the answer is cut to the newest 20,000
  // objects, RESOURCE_EXHAUSTED when the calls of SetLimit are used up, ABORTED when the rows moved while pages were
  // read, CANCELLED when nobody waits.
  absl::StatusOr<FigureMap> Ask(const Question& question);
  // The same, days and ids together. One call where the API gives totals.
  absl::StatusOr<FigureMap> AskTogether(const Question& question, bool sandbox);
  // How many entries a list has: the page's total_number.
  absl::StatusOr<ReportPage> AskPage(const v1::ApiRequest& request, int64_t page, int64_t page_size);

  uint32_t calls() const { return calls_; }
  // From now on, so many calls.
  void SetLimit(uint32_t calls) { limit_ = calls_ + calls; }
  void ClearLimit() { limit_ = UINT32_MAX; }

 private:
  v1::ReadPlan PlanOf(const Question& question) const;

  ApiTransport& transport_;
  const Secret token_;
  const std::string advertiser_;
  const std::function<bool()> wanted_;
  uint32_t calls_ = 0;
  uint32_t limit_ = UINT32_MAX;
};

// The failures after which differences still stand, only their place is not known: an answer that is cut, no calls
// left, a question that the API refuses or cannot answer in time.
bool EndsSearch(const absl::Status& status);

// "gender=MALE age=AGE_18_24" of the values of those columns; for stored rows and answers alike.
std::string BreakdownText(const std::vector<std::string>& columns, const std::vector<std::string>& values);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_FIGURE_ASKER_H_
