// Row tables: one per extract, for people to query.
#ifndef TIKHAUL_COMMON_MODEL_TABLE_H_
#define TIKHAUL_COMMON_MODEL_TABLE_H_

#include <string>
#include <vector>

#include "common/model/row_batch.h"

namespace tikhaul {

struct TableColumn {
  std::string name;
  ColumnType type = ColumnType::kString;
  bool key = false;          // part of what makes a row the same row
  bool is_volatile = false;  // changes from read to read without a meaning (signed URLs): no change for the history
  friend bool operator==(const TableColumn&, const TableColumn&) = default;
};

// How a run's rows meet the rows that are there (design: write modes).
enum class WriteMode {
  kMerge,    // upsert by key; rows of the window that are no longer returned are removed, or marked gone (entities)
  kAppend,   // every run's rows are kept, told apart by _run_id
  kReplace,  // the table holds the last full read of each advertiser
};

// The columns in their order in the table. Columns that begin with an underscore are ours:
//   _extra JSON (members the catalogue does not know), _raw JSON (cells that did not parse or do not fit exactly),
//   _finality, _run_id, _extracted_at, _currency, _timezone, and where it applies _utc_start (hour rows), _window_start
//   and _window_end (reports without a time dimension), _gone_at (entities that the API no longer returns).
struct TableSchema {
  std::string name;
  WriteMode mode = WriteMode::kMerge;
  std::vector<TableColumn> columns;
  // Versions of the rows are kept in a second table, HistoryTableName(name): all columns and _valid_from and _valid_to,
  // the reads that first and no longer showed the version. For tables that are merged and have _gone_at.
  bool history = false;
};

inline std::string HistoryTableName(const std::string& table) { return table + "_history"; }

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_TABLE_H_
