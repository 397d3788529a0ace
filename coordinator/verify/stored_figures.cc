#include "coordinator/verify/stored_figures.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/catalog/figures.h"
#include "coordinator/verify/figure_asker.h"

namespace tikhaul {

bool HasColumn(const TableSchema& table, const std::string& name) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const TableColumn& column) { return column.name == name; });
}

absl::StatusOr<StoredReads> LoadReads(Store& store, const std::string& extract, const std::string& advertiser) {
  StoredReads reads;
  RETURN_IF_ERROR(store.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(reads.committed, reader.ListCoverage(extract, advertiser));
    ASSIGN_OR_RETURN(reads.cursor, reader.GetCursor(extract, advertiser));
    ASSIGN_OR_RETURN(
        reads.ledger,
        reader.ListLedger({.extract = extract, .advertiser = advertiser, .first_day = {}, .last_day = {}}, 0, 0));
    for (const ChunkState state : {ChunkState::kReady, ChunkState::kRunning, ChunkState::kDead}) {
      ASSIGN_OR_RETURN(
          const std::vector<Chunk> chunks,
          reader.ListChunks({.run_id = {}, .extract = extract, .advertiser = advertiser, .state = state}, 0, 0));
      reads.open.insert(reads.open.end(), chunks.begin(), chunks.end());
    }
    return absl::OkStatus();
  }));
  return reads;
}

absl::StatusOr<FigureMap> LoadFigures(Store& store, const StoredQuestion& question, const DayReads& reads) {
  const RegisteredExtract& extract = *question.extract;
  const std::vector<std::string> breakdowns = BreakdownColumns(extract.spec);
  SumRequest request{.table = extract.table,
                     .advertiser = question.advertiser,
                     .day_column = extract.day_column,
                     .first = question.days.first,
                     .last = question.days.last,
                     .group_columns = breakdowns,
                     .sum_columns = question.metrics};
  const size_t id_at = request.group_columns.size();
  if (!question.id_column.empty()) request.group_columns.push_back(question.id_column);
  const size_t parent_at = request.group_columns.size();
  if (!question.parent_ids.empty()) request.group_columns.push_back(question.parent_column);
  const size_t metrics = question.metrics.size();
  const bool appended = extract.table.mode == WriteMode::kAppend;
  FigureMap figures;
  RETURN_IF_ERROR(store.Read([&](StoreReader& reader) {
    return reader.SumRows(request, [&](const RowSums& sums) {
      const LedgerEntry* const read = appended ? reads.Of(sums.day) : nullptr;
      if (appended && (read == nullptr || read->run_id != sums.run_id)) return absl::OkStatus();
      if (!question.parent_ids.empty() && !question.parent_ids.contains(sums.groups[parent_at])) {
        return absl::OkStatus();
      }
      const auto begin = sums.groups.begin();
      const std::vector<std::string> values(begin, begin + static_cast<std::ptrdiff_t>(breakdowns.size()));
      Cells cells{.rows = sums.rows, .sums = sums.sums, .unreadable = std::vector<bool>(metrics)};
      for (size_t i = 0; i < metrics; ++i) cells.unreadable[i] = sums.unreadable[i] > 0;
      Place place{.day = sums.day,
                  .breakdown = BreakdownText(breakdowns, values),
                  .id = question.id_column.empty() ? "" : sums.groups[id_at]};
      AddCells(cells, figures.try_emplace(std::move(place), EmptyCells(metrics)).first->second);
      return absl::OkStatus();
    });
  }));
  return figures;
}

}  // namespace tikhaul
