#include "coordinator/store/postgres/pg_stage.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/postgres/copy_encoder.h"
#include "coordinator/store/sql/row_tables.h"

namespace tikhaul {
namespace {

constexpr char kNumber[] = "tikhaul_row";

std::vector<size_t> AllColumns(const TableSchema& table) {
  std::vector<size_t> all(table.columns.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

}  // namespace

absl::StatusOr<uint64_t> CopyRows(PgSession& session, const TableSchema& table, const std::string& target,
                                  const RowShape& shape, bool numbered, RowSource& source) {
  CopyEncoder encoder(shape, numbered);
  const std::string copy = absl::StrCat("COPY ", target, " (", ColumnNames(table, AllColumns(table)),
                                        numbered ? absl::StrCat(", ", kNumber) : "", ") FROM STDIN (FORMAT binary)");
  bool begun = false;
  RETURN_IF_ERROR(session.db().CopyIn(copy, [&](std::string& piece) -> absl::StatusOr<bool> {
    if (!begun) CopyEncoder::Begin(piece);
    begun = true;
    ASSIGN_OR_RETURN(const RowBatch* const batch, source.Next());
    if (batch == nullptr) {
      CopyEncoder::End(piece);
      return false;
    }
    RETURN_IF_ERROR(shape.CheckBatch(*batch));
    encoder.Append(*batch, piece);
    return true;
  }));
  return encoder.rows();
}

absl::StatusOr<StagedRows> StageRows(PgSession& session, const TableSchema& table, const std::vector<size_t>& key,
                                     const RowShape& shape, RowSource& source) {
  PgConnection& db = session.db();
  RETURN_IF_ERROR(db.Run(absl::StrCat("DROP TABLE IF EXISTS ", kStage, "; CREATE TEMP TABLE tikhaul_stage (LIKE ",
                                      session.Table(table.name), ", ", kNumber, " bigint) ON COMMIT DROP"))
                      .status());
  StagedRows staged;
  ASSIGN_OR_RETURN(staged.rows, CopyRows(session, table, kStage, shape, /*numbered=*/true, source));
  const std::string names = ColumnNames(table, key);
  // Without figures of its own the planner would take a temporary table for a small one.
  RETURN_IF_ERROR(db.Run(absl::StrCat("ANALYZE ", kStage, " (", names, ")")).status());
  ASSIGN_OR_RETURN(
      const PgResult twice,
      db.Run(absl::StrCat("DELETE FROM ", kStage, " AS t USING (SELECT ", names, ", max(", kNumber, ") AS newest FROM ",
                          kStage, " GROUP BY ", names, " HAVING count(*) > 1) AS s WHERE ", SameColumns(table, key),
                          " AND t.", kNumber, " < s.newest")));
  staged.distinct_keys = staged.rows - twice.Changed();
  return staged;
}

std::string SameColumns(const TableSchema& table, const std::vector<size_t>& columns) {
  return absl::StrJoin(columns, " AND ", [&](std::string* out, size_t i) {
    const std::string name = QuoteSql(table.columns[i].name);
    absl::StrAppend(out, "t.", name, " = s.", name);
  });
}

std::string OtherColumns(const TableSchema& table, const std::vector<size_t>& columns) {
  if (columns.empty()) return "FALSE";
  return absl::StrCat("(", ColumnNames(table, columns, "t."), ") IS DISTINCT FROM (", ColumnNames(table, columns, "s."),
                      ")");
}

}  // namespace tikhaul
