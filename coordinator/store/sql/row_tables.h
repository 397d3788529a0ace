// What row tables are in every back end: which columns make the key, which names are refused and how.
#ifndef TIKHAUL_COORDINATOR_STORE_SQL_ROW_TABLES_H_
#define TIKHAUL_COORDINATOR_STORE_SQL_ROW_TABLES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/model/table.h"
#include "coordinator/store/sql/sql_session.h"
#include "coordinator/store/store.h"

namespace tikhaul {

inline constexpr absl::string_view kAdvertiserColumn = "advertiser_id";
inline constexpr absl::string_view kRunColumn = "_run_id";
inline constexpr absl::string_view kExtractedAtColumn = "_extracted_at";
inline constexpr absl::string_view kGoneAtColumn = "_gone_at";
inline constexpr absl::string_view kFinalityColumn = "_finality";
inline constexpr absl::string_view kRawColumn = "_raw";
inline constexpr absl::string_view kValidFromColumn = "_valid_from";
inline constexpr absl::string_view kValidToColumn = "_valid_to";

// The index of the column of that name; -1 when there is none.
int FindColumn(const TableSchema& table, absl::string_view name);

// Indexes of the key columns in the order of the primary key: advertiser_id, the first day or time column, the others
// in table order; for kAppend at last _run_id. INVALID_ARGUMENT for a table without a key, or kAppend without _run_id.
absl::StatusOr<std::vector<size_t>> KeyOrder(const TableSchema& table);

// Indexes of the columns that make a row another version of itself: all but the key, what is volatile, and when and by
// which run the row was read.
std::vector<size_t> ContentColumns(const TableSchema& table, const std::vector<size_t>& key);

// Names of the columns at these indexes, quoted and joined; `prefix` stands before each ("t.").
std::string ColumnNames(const TableSchema& table, const std::vector<size_t>& columns, absl::string_view prefix = "",
                        absl::string_view between = ", ");

// The schema of the history table.
TableSchema HistoryOf(const TableSchema& table);
// Columns of a table whose history is kept, quoted: all of them, those of the key, and those that make a row another
// version of itself.
struct HistoryColumns {
  std::vector<std::string> names, keys, content;
};
HistoryColumns HistoryColumnsOf(const TableSchema& table);
// INVALID_ARGUMENT when the table cannot have one.
absl::Status CheckHistory(const TableSchema& table);

// INVALID_ARGUMENT for names kept for internal tables, and for columns whose names differ only in case.
absl::Status CheckTableNames(const TableSchema& table);
// FAILED_PRECONDITION "table x <problem>; <mend>".
absl::Status RefuseTable(const TableSchema& table, absl::string_view problem);
// FAILED_PRECONDITION when the table is there, but is not one of ours.
absl::Status CheckOurs(SqlSession& db, const TableSchema& table);
// FAILED_PRECONDITION when the primary key that is `there` is not the one of `key`.
absl::Status CheckKey(const TableSchema& table, const std::vector<size_t>& key, const std::vector<std::string>& there);
// Notes the table as ours, for CheckOurs and for people.
absl::Status NoteTable(SqlSession& db, const TableSchema& table);

// Indexes of the columns to fill. INVALID_ARGUMENT when the table cannot be filled, or lacks one of them.
absl::StatusOr<std::vector<size_t>> FilledColumns(const FillRequest& request);

// INVALID_ARGUMENT when the request names columns that the table lacks or that cannot be added.
absl::Status CheckSumRequest(const SumRequest& request);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQL_ROW_TABLES_H_
