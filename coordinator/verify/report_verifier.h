// Holds the rows of one report extract and advertiser against the API's own figures.
//
// The sums of the rows, day by day, are compared with the figures of the coarsest level that knows the report's
// breakdowns: at level advertiser that is one call for 30 days, and counts everything. Only where they differ, finer
// levels are asked, to find the object; and each difference is explained by what is known for certain, or flagged:
//   not_read          coverage has a hole; the chunk or dead letter is named
//   rows_lost         fewer or more rows than the ledger proves to have been committed
//   left_out          what the extract's own filters leave out, measured by asking with and without each of them
//   not_final         the newest read of the day is from before the day was final
//   rounding          within what rounding each row to two places can make
//   partial_coverage  breakdowns that TikTok says not to cover everything
//   row_missing, row_unknown, figure_differs, levels_disagree, not_located: flagged
#ifndef TIKHAUL_COORDINATOR_VERIFY_REPORT_VERIFIER_H_
#define TIKHAUL_COORDINATOR_VERIFY_REPORT_VERIFIER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/catalog/figures.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"
#include "coordinator/verify/figure_asker.h"
#include "coordinator/verify/findings.h"
#include "coordinator/verify/stored_figures.h"
#include "coordinator/verify/verify_task.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// For one task, used once, by one thread. Borrows everything.
class ReportVerifier {
 public:
  ReportVerifier(const VerifyTask& task, Store& store, FigureAsker& asker, v1::VerifyResult& result);

  // Fills the result. A failed status: nothing can be said.
  absl::Status Run();

 private:
  absl::Status NotCompared(const std::string& why);
  bool SetRange();
  void ReportUnread();
  void CheckRowCounts();
  std::vector<Window> Windows() const;
  absl::Status VerifyWindow(const Window& window);
  // Extracts that leave nothing out: day by day, object by object.
  absl::Status VerifyWhole(const Window& window, const FigureMap& stored, const FigureMap& api);
  // Extracts that leave something out: the days of a window together, with and without what is left out.
  absl::Status VerifyRestricted(const Window& window, const FigureMap& stored, const FigureMap& api);
  absl::Status MeasureRestrictions(const Window& window, FigureMap configured, const FigureMap& api);
  // Finds the objects to which differences belong and judges them; what no object accounts for is flagged.
  absl::Status Locate(const Window& days, const v1::Extract& own, const std::vector<Difference>& differences);
  absl::StatusOr<std::vector<Difference>> Descend(const Window& days, const v1::Extract& own);
  std::vector<v1::Extract> PathTo(const v1::Extract& own) const;
  // True: the difference is small or has to be, and is explained.
  bool Excuse(const Difference& difference);
  void Judge(const Difference& difference, const std::string& level);
  void FlagAll(const std::vector<Difference>& differences, const std::string& reason, const std::string& detail);
  bool IsFinal(absl::CivilDay day) const;
  Found FoundAt(const Difference& difference, const std::string& level) const;
  Coverage DaysOf(absl::CivilDay day) const;

  const VerifyTask& task_;
  const RegisteredExtract& extract_;
  Store& store_;
  FigureAsker& asker_;
  v1::VerifyResult& result_;
  Findings findings_;
  const std::vector<std::string> names_;  // of metrics_
  std::vector<ComparedMetric> metrics_;
  const uint8_t own_level_;
  const uint8_t level_;  // compared with
  uint32_t search_calls_left_;
  absl::TimeZone zone_;
  StoredReads known_;
  Coverage range_;
  std::optional<DayReads> reads_;
  FigureMap stored_;  // by day and breakdown
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_REPORT_VERIFIER_H_
