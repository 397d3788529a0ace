// Adding up what row tables hold, and holding tables against each other: for verification.
#include <cmath>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil.h"
#include "coordinator/store/sqlite/sqlite_session.h"
#include "coordinator/store/sqlite/sqlite_tables.h"

namespace tikhaul {
namespace {

// The decimal whose nearest double `value` is (docs/adr/0002): exact, since those that are not have their text in _raw.
std::optional<Decimal> DecimalOf(double value) {
  constexpr double kExact = 1e15;
  const double hundredfold = std::nearbyint(value * 100);
  if (std::fabs(hundredfold) < kExact && hundredfold / 100 == value)
    return Decimal{static_cast<int64_t>(hundredfold), 2};
  char text[40];
  std::snprintf(text, sizeof(text), "%.15g", value);
  return ParseDecimal(text);
}

class Adder {
 public:
  Adder(SqliteDb& db, const SumRequest& request) : db_(db), request_(request) {}

  absl::Status Run(absl::FunctionRef<absl::Status(const RowSums&)> take) {
    RETURN_IF_ERROR(CheckSumRequest(request_));
    ASSIGN_OR_RETURN(SqliteStatement statement, Query());
    std::optional<RowSums> sums;
    for (;;) {
      ASSIGN_OR_RETURN(const bool found, statement.Step());
      if (!sums.has_value() || !found || !Same(*sums, statement)) {
        if (sums.has_value()) RETURN_IF_ERROR(take(*sums));
        if (!found) return absl::OkStatus();
        ASSIGN_OR_RETURN(sums, Begin(statement));
      }
      AddRow(statement, *sums);
    }
  }

 private:
  bool IsDay() const {
    const int index = FindColumn(request_.table, request_.day_column);
    return index >= 0 && request_.table.columns[static_cast<size_t>(index)].type == ColumnType::kDate;
  }

  // Day, run, groups, then for each sum column its cell and what _raw holds for it.
  absl::StatusOr<SqliteStatement> Query() {
    const std::string day = QuoteSql(request_.day_column);
    std::vector<std::string> heads = {request_.day_column.empty() ? "''" : absl::StrCat("substr(", day, ", 1, 10)"),
                                      request_.table.mode == WriteMode::kAppend ? QuoteSql(kRunColumn) : "''"};
    for (const std::string& column : request_.group_columns)
      heads.push_back(absl::StrCat("coalesce(CAST(", QuoteSql(column), " AS TEXT), '')"));
    // Days as such lie in the order of the primary key: no sorting.
    std::string order = IsDay() ? day : "1";
    for (size_t i = 2; i <= heads.size(); ++i) absl::StrAppend(&order, ", ", i);
    const bool has_raw = FindColumn(request_.table, kRawColumn) >= 0;
    for (const std::string& column : request_.sum_columns) {
      heads.push_back(QuoteSql(column));
      heads.push_back(has_raw ? absl::StrCat("CASE WHEN json_valid(", kRawColumn, ") THEN json_extract(", kRawColumn,
                                             ", '$.", QuoteSql(column), "') END")
                              : "NULL");
    }
    std::string sql = absl::StrCat("SELECT ", absl::StrJoin(heads, ", "), " FROM ", QuoteSql(request_.table.name),
                                   " WHERE ", kAdvertiserColumn, " = ?");
    if (request_.day_column.empty()) return db_.Statement(absl::StrCat(sql, " ORDER BY ", order), request_.advertiser);
    absl::StrAppend(&sql, " AND ", day, " >= ? AND ", day, " < ? ORDER BY ", order);
    return db_.Statement(sql, request_.advertiser, request_.first, request_.last + 1);
  }

  bool Same(const RowSums& sums, const SqliteStatement& row) const {
    if (row.Text(0) != day_text_ || row.Text(1) != sums.run_id) return false;
    for (size_t i = 0; i < sums.groups.size(); ++i) {
      if (row.Text(static_cast<int>(i) + 2) != sums.groups[i]) return false;
    }
    return true;
  }

  absl::StatusOr<RowSums> Begin(const SqliteStatement& row) {
    RowSums sums;
    day_text_ = std::string(row.Text(0));
    if (!day_text_.empty()) {
      ASSIGN_OR_RETURN(sums.day, ParseDay(day_text_));
    }
    sums.run_id = std::string(row.Text(1));
    for (size_t i = 0; i < request_.group_columns.size(); ++i)
      sums.groups.emplace_back(row.Text(static_cast<int>(i) + 2));
    sums.sums.resize(request_.sum_columns.size());
    sums.unreadable.resize(request_.sum_columns.size());
    return sums;
  }

  void AddRow(const SqliteStatement& row, RowSums& sums) const {
    ++sums.rows;
    int column = static_cast<int>(request_.group_columns.size()) + 2;
    for (size_t i = 0; i < sums.sums.size(); ++i, column += 2) {
      const std::optional<Decimal> value = CellAt(row, column);
      if (value.has_value()) sums.sums[i] += DecimalSum(*value);
      if (!value.has_value() && !row.IsNull(column + 1)) ++sums.unreadable[i];
    }
  }

  // The exact text where _raw has one.
  static std::optional<Decimal> CellAt(const SqliteStatement& row, int column) {
    if (!row.IsNull(column + 1)) return ParseDecimal(row.Text(column + 1));
    switch (sqlite3_column_type(row.raw(), column)) {
      case SQLITE_INTEGER:
        return Decimal{row.Int(column), 0};
      case SQLITE_FLOAT:
        return DecimalOf(sqlite3_column_double(row.raw(), column));
      default:
        return std::nullopt;
    }
  }

  SqliteDb& db_;
  const SumRequest& request_;
  std::string day_text_;
};

}  // namespace

absl::Status SqliteReader::SumRows(const SumRequest& request, absl::FunctionRef<absl::Status(const RowSums&)> take) {
  return Adder(db_, request).Run(take);
}

absl::StatusOr<ObjectCounts> SqliteReader::CountObjects(const TableSchema& table, const std::string& advertiser,
                                                        absl::Time created_until) {
  const std::string gone = FindColumn(table, kGoneAtColumn) >= 0 ? QuoteSql(kGoneAtColumn) : "NULL";
  const std::string created = FindColumn(table, "create_time") >= 0 ? "create_time" : "NULL";
  ASSIGN_OR_RETURN(SqliteStatement counts,
                   db_.Statement(absl::StrCat("SELECT count(*), count(", gone, ") FROM ", QuoteSql(table.name),
                                              " WHERE ", kAdvertiserColumn, " = ? AND coalesce(", created, " <= ?, 1)"),
                                 advertiser, Instant{created_until}));
  RETURN_IF_ERROR(counts.Step().status());
  const auto gone_objects = static_cast<uint64_t>(counts.Int(1));
  return ObjectCounts{.present = static_cast<uint64_t>(counts.Int(0)) - gone_objects, .gone = gone_objects};
}

absl::StatusOr<std::vector<std::string>> SqliteReader::ListUnknownIds(const std::string& table,
                                                                      const std::string& objects,
                                                                      const std::string& id_column,
                                                                      const std::string& advertiser, size_t limit) {
  const std::string id = QuoteSql(id_column);
  return ReadAll<std::string>(
      db_.Query(absl::StrCat("SELECT DISTINCT r.", id, " FROM ", QuoteSql(table), " AS r WHERE r.", kAdvertiserColumn,
                             " = ? AND r.", id, " <> '' AND NOT EXISTS (SELECT 1 FROM ", QuoteSql(objects),
                             " AS o WHERE o.", kAdvertiserColumn, " = r.", kAdvertiserColumn, " AND o.", id, " = r.",
                             id, ") ORDER BY 1 LIMIT ?"),
                advertiser, LimitValue(limit)),
      [](SqlRow& row) {
        std::string value;
        row.Read(value);
        return value;
      });
}

}  // namespace tikhaul
