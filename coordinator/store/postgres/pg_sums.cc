// Adding up what row tables hold, and holding tables against each other: for verification.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/civil.h"
#include "common/base/decimal.h"
#include "coordinator/store/postgres/pg_tables.h"

namespace tikhaul {
namespace {

// A NUMERIC's text, of which the whole part and the fraction each fit into 64 bits; others are not known.
DecimalSum SumOf(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  const size_t point = text.find('.');
  const std::optional<Decimal> whole = ParseDecimal(text.substr(0, point));
  const std::optional<Decimal> fraction =
      point == absl::string_view::npos ? Decimal{0, 0} : ParseDecimal(absl::StrCat("0", text.substr(point)));
  DecimalSum sum;
  if (!whole.has_value() || !fraction.has_value()) {
    sum.Spoil();
    return sum;
  }
  sum += DecimalSum(*whole);
  sum += DecimalSum(*fraction);
  return negative ? DecimalSum() - sum : sum;
}

class SumSql {
 public:
  explicit SumSql(const SumRequest& request) : request_(request) {}

  // Day, run, groups, the number of rows, then for each sum column its sum and how many cells are no numbers.
  std::string Text(const PgSession& session) const {
    std::vector<std::string> heads = {
        request_.day_column.empty() ? "''" : absl::StrCat(QuoteSql(request_.day_column), "::date"),
        request_.table.mode == WriteMode::kAppend ? absl::StrCat(QuoteSql(kRunColumn), " COLLATE \"C\"") : "''"};
    for (const std::string& column : request_.group_columns) {
      heads.push_back(absl::StrCat("coalesce(", QuoteSql(column), "::text, '') COLLATE \"C\""));
    }
    std::vector<size_t> places;
    for (size_t i = 1; i <= heads.size(); ++i) places.push_back(i);
    const std::string by = absl::StrJoin(places, ", ");
    heads.push_back("count(*)");
    for (const std::string& column : request_.sum_columns) AddSum(column, heads);
    std::string where = absl::StrCat(QuoteSql(kAdvertiserColumn), " = ", PgLiteral(request_.advertiser));
    if (!request_.day_column.empty()) {
      const std::string day = QuoteSql(request_.day_column);
      absl::StrAppend(&where, " AND ", day, " >= '", FormatDay(request_.first), "' AND ", day, " < '",
                      FormatDay(request_.last + 1), "'");
    }
    return absl::StrCat("SELECT ", absl::StrJoin(heads, ", "), " FROM ", session.Table(request_.table.name), " WHERE ",
                        where, " GROUP BY ", by, " ORDER BY ", by);
  }

  absl::StatusOr<RowSums> Read(const SqlRows& row) const {
    RowSums sums;
    if (!row.Text(0).empty()) {
      ASSIGN_OR_RETURN(sums.day, ParseDay(row.Text(0)));
    }
    sums.run_id = std::string(row.Text(1));
    int column = 2;
    for (size_t i = 0; i < request_.group_columns.size(); ++i) sums.groups.emplace_back(row.Text(column++));
    sums.rows = static_cast<uint64_t>(row.Int(column++));
    for (size_t i = 0; i < request_.sum_columns.size(); ++i) {
      sums.sums.push_back(row.IsNull(column) ? DecimalSum() : SumOf(row.Text(column)));
      sums.unreadable.push_back(static_cast<uint64_t>(row.Int(column + 1)));
      column += 2;
    }
    return sums;
  }

 private:
  // The exact text where _raw has one, as far as 64 bits hold it.
  void AddSum(const std::string& column, std::vector<std::string>& heads) const {
    const std::string value = QuoteSql(column);
    if (FindColumn(request_.table, kRawColumn) < 0) {
      heads.push_back(absl::StrCat("sum(", value, ")"));
      heads.push_back("0");
      return;
    }
    const std::string raw = absl::StrCat("(", QuoteSql(kRawColumn), " ->> ", PgLiteral(column), ")");
    const std::string is_number = absl::StrCat("(", raw, " ~ '^-?[0-9]+([.][0-9]+)?$' AND length(", raw, ") <= 19)");
    heads.push_back(absl::StrCat("sum(CASE WHEN ", raw, " IS NULL THEN ", value, " WHEN ", is_number, " THEN ", raw,
                                 "::numeric END)"));
    heads.push_back(absl::StrCat("count(*) FILTER (WHERE ", raw, " IS NOT NULL AND NOT ", is_number, ")"));
  }

  const SumRequest& request_;
};

}  // namespace

absl::Status PgReader::SumRows(const SumRequest& request, absl::FunctionRef<absl::Status(const RowSums&)> take) {
  RETURN_IF_ERROR(CheckSumRequest(request));
  RETURN_IF_ERROR(session_.Lock());
  const SumSql sql(request);
  return session_.db().Stream(sql.Text(session_), [&](const SqlRows& row) -> absl::Status {
    ASSIGN_OR_RETURN(const RowSums sums, sql.Read(row));
    return take(sums);
  });
}

absl::StatusOr<ObjectCounts> PgReader::CountObjects(const TableSchema& table, const std::string& advertiser,
                                                    absl::Time created_until) {
  RETURN_IF_ERROR(session_.Lock());
  const std::string gone = FindColumn(table, kGoneAtColumn) >= 0 ? QuoteSql(kGoneAtColumn) : "NULL";
  const std::string until = created_until == absl::InfiniteFuture() ? "infinity"
                            : created_until == absl::InfinitePast() ? "-infinity"
                                                                    : FormatInstant(created_until);
  const std::string created =
      FindColumn(table, "create_time") >= 0 ? absl::StrCat(" AND coalesce(create_time <= '", until, "', TRUE)") : "";
  ASSIGN_OR_RETURN(
      PgResult counts,
      session_.db().Run(absl::StrCat("SELECT count(*), count(", gone, ") FROM ", session_.Table(table.name), " WHERE ",
                                     QuoteSql(kAdvertiserColumn), " = ", PgLiteral(advertiser), created)));
  RETURN_IF_ERROR(counts.Step().status());
  const auto gone_objects = static_cast<uint64_t>(counts.Int(1));
  return ObjectCounts{.present = static_cast<uint64_t>(counts.Int(0)) - gone_objects, .gone = gone_objects};
}

absl::StatusOr<std::vector<std::string>> PgReader::ListUnknownIds(const std::string& table, const std::string& objects,
                                                                  const std::string& id_column,
                                                                  const std::string& advertiser, size_t limit) {
  RETURN_IF_ERROR(session_.Lock());
  const std::string id = QuoteSql(id_column), account = QuoteSql(kAdvertiserColumn);
  ASSIGN_OR_RETURN(PgResult rows,
                   session_.db().Run(absl::StrCat(
                       "SELECT DISTINCT r.", id, " COLLATE \"C\" FROM ", session_.Table(table), " AS r WHERE r.",
                       account, " = ", PgLiteral(advertiser), " AND r.", id, " <> '' AND NOT EXISTS (SELECT 1 FROM ",
                       session_.Table(objects), " AS o WHERE o.", account, " = r.", account, " AND o.", id, " = r.", id,
                       ") ORDER BY 1 LIMIT ", LimitValue(limit))));
  std::vector<std::string> ids;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return ids;
    ids.emplace_back(rows.Text(0));
  }
}

}  // namespace tikhaul
