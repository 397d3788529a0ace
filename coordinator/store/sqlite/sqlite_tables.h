// How row tables lie in SQLite: WITHOUT ROWID, in the order of their key, so that a chunk's rows lie together.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_TABLES_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_TABLES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/model/table.h"

namespace tikhaul {

inline constexpr absl::string_view kAdvertiserColumn = "advertiser_id";
inline constexpr absl::string_view kRunColumn = "_run_id";
inline constexpr absl::string_view kRawColumn = "_raw";
inline constexpr absl::string_view kExtractedAtColumn = "_extracted_at";
inline constexpr absl::string_view kGoneAtColumn = "_gone_at";
inline constexpr absl::string_view kValidFromColumn = "_valid_from";
inline constexpr absl::string_view kValidToColumn = "_valid_to";

// The index of the column of that name; -1 when there is none.
int FindColumn(const TableSchema& table, absl::string_view name);

// Indexes of the key columns in the order of the primary key: advertiser_id, the first day or time column, the others
// in table order; for kAppend at last _run_id. INVALID_ARGUMENT for a table without a key, or kAppend without _run_id.
absl::StatusOr<std::vector<size_t>> KeyOrder(const TableSchema& table);

// INTEGER, REAL or TEXT.
absl::string_view SqlType(ColumnType type);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_TABLES_H_
