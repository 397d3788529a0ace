// A temporary table beside a row table, which holds the rows that a chunk brought until they are compared.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_STAGE_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_STAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/store/postgres/pg_session.h"
#include "coordinator/store/sql/row_shape.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// The temporary table's name in SQL.
inline constexpr char kStage[] = "pg_temp.tikhaul_stage";

// Copies the rows into `target` (a name in SQL) as they are. `numbered`: it has a column tikhaul_row at last. Gives how
// many there were.
absl::StatusOr<uint64_t> CopyRows(PgSession& session, const TableSchema& table, const std::string& target,
                                  const RowShape& shape, bool numbered, RowSource& source);

struct StagedRows {
  uint64_t rows = 0, distinct_keys = 0;
};

// Makes the temporary table, fills it, and keeps of each key the row that came last. It goes with the transaction, or
// with the next call.
absl::StatusOr<StagedRows> StageRows(PgSession& session, const TableSchema& table, const std::vector<size_t>& key,
                                     const RowShape& shape, RowSource& source);

// "t.a = s.a AND t.b = s.b" of the columns.
std::string SameColumns(const TableSchema& table, const std::vector<size_t>& columns);
// "(t.a, t.b) IS DISTINCT FROM (s.a, s.b)"; FALSE of none.
std::string OtherColumns(const TableSchema& table, const std::vector<size_t>& columns);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_STAGE_H_
