// How row tables lie in PostgreSQL: with proper types, a primary key in the order of KeyOrder, and triggers where a
// history is kept.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_TABLES_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_TABLES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/postgres/pg_session.h"
#include "coordinator/store/sql/row_tables.h"

namespace tikhaul {

// As format_type() names it: bigint, numeric, text, date, timestamp with time zone, timestamp without time zone, jsonb,
// boolean.
absl::string_view PgType(ColumnType type);

// A RowScope as a condition on columns that `prefix` stands before. INVALID_ARGUMENT when the table lacks the columns
// that the scope needs.
absl::StatusOr<std::string> PgScope(const TableSchema& table, const RowScope& scope, absl::string_view prefix = "");

// Makes triggers on the row table keep the history table, which is there already, from now on; rows that are there
// become the first versions. With table.history unset, ends that; what was kept stays.
absl::Status KeepPgHistory(PgSession& session, const TableSchema& table);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_TABLES_H_
