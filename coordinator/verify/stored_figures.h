// What is known here of one extract and advertiser: its reads, and sums of its rows.
#ifndef TIKHAUL_COORDINATOR_VERIFY_STORED_FIGURES_H_
#define TIKHAUL_COORDINATOR_VERIFY_STORED_FIGURES_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"
#include "coordinator/verify/day_reads.h"
#include "coordinator/verify/figures.h"

namespace tikhaul {

struct StoredReads {
  std::vector<Coverage> committed;
  std::optional<Cursor> cursor;
  std::vector<LedgerEntry> ledger;
  std::vector<Chunk> open;  // ready, running or dead
};
absl::StatusOr<StoredReads> LoadReads(Store& store, const std::string& extract, const std::string& advertiser);

struct StoredQuestion {
  const RegisteredExtract* extract = nullptr;
  std::string advertiser;
  std::vector<std::string> metrics;
  Coverage days;
  std::string id_column = {};             // empty: all objects together
  std::string parent_column = {};         // only rows of these parents
  std::set<std::string> parent_ids = {};  // empty: all
};
// Sums of the rows by day and by the breakdowns of the extract. In tables of mode append only rows of each day's newest
// read count.
absl::StatusOr<FigureMap> LoadFigures(Store& store, const StoredQuestion& question, const DayReads& reads);

bool HasColumn(const TableSchema& table, const std::string& name);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_STORED_FIGURES_H_
