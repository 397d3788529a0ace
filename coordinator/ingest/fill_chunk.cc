#include "coordinator/ingest/fill_chunk.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "coordinator/core/coverage.h"
#include "coordinator/core/lifecycle.h"

namespace tikhaul {
namespace {

std::vector<Window> WindowsOf(const RegisteredExtract& extract, const Chunk& filled,
                              const std::vector<absl::CivilDay>& days) {
  if (days.empty()) return {};
  // Rows without a time dimension belong to the whole window.
  if (extract.granularity == Granularity::kNone) return {filled.window};
  std::vector<Coverage> stretches;
  for (const absl::CivilDay& day : days) stretches.push_back({day, day});
  std::vector<Window> windows;
  for (const Coverage& stretch : NormalizeIntervals(std::move(stretches))) {
    windows.push_back({filled.window.kind, stretch.first, stretch.last});
  }
  return windows;
}

}  // namespace

std::string MissingMetric(const RegisteredExtract& extract, const Chunk& chunk) {
  const auto& metrics = extract.spec.metrics();
  for (absl::string_view metric : absl::StrSplit(chunk.only_metrics, ',', absl::SkipEmpty())) {
    if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) return std::string(metric);
  }
  return "";
}

absl::StatusOr<SettleCounts> FillChunk(StoreTransaction& tx, const RegisteredExtract& extract, const Chunk& chunk,
                                       const SettleRequest& settle, absl::Time claimed, RowSource& rows) {
  const FillRequest request{.table = settle.table,
                            .scope = settle.scope,
                            .columns = absl::StrSplit(chunk.only_metrics, ','),
                            .constants = settle.constants,
                            .not_after = claimed};
  ASSIGN_OR_RETURN(const FillCounts filled, tx.FillRows(request, rows));
  std::vector<Chunk> whole = ChildrenOf(chunk, WindowsOf(extract, chunk, filled.other_days));
  for (Chunk& one : whole) one.only_metrics.clear();
  RETURN_IF_ERROR(tx.InsertChunks(whole).status());
  return SettleCounts{.rows = filled.rows,
                      .distinct_keys = filled.distinct_keys,
                      .updated = filled.updated,
                      .unchanged = filled.unchanged};
}

}  // namespace tikhaul
