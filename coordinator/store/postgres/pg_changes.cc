#include "coordinator/store/postgres/pg_changes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil.h"
#include "common/base/decimal.h"
#include "coordinator/store/postgres/pg_stage.h"
#include "coordinator/store/sql/change_tally.h"
#include "coordinator/store/sql/row_tables.h"

namespace tikhaul {
namespace {

class ChangeFinder {
 public:
  ChangeFinder(PgSession& session, const SettleRequest& request, const std::vector<size_t>& key)
      : session_(session),
        request_(request),
        table_(session.Table(request.table.name)),
        same_key_(SameColumns(request.table, key)),
        tally_(request, key) {
    for (const ChangeMetric& metric : tally_.metrics()) metrics_.push_back(metric.column);
  }

  absl::Status FindUpdated() {
    return Find(absl::StrCat("SELECT ", Day("s."), Cells("t."), Cells("s."), " FROM ", table_, " AS t JOIN ", kStage,
                             " AS s ON ", same_key_, " WHERE ", OtherColumns(request_.table, metrics_), " AND ",
                             ReadBefore("s.")),
                [&](ChangeTally::Day& day, const SqlRows& row) {
                  ++day.counts.updated;
                  Compare(day, row, /*before=*/1, /*after=*/1 + Width());
                });
  }
  absl::Status FindInserted() {
    return Find(absl::StrCat("SELECT ", Day("s."), Cells("s."), " FROM ", kStage, " AS s WHERE ", ReadBefore("s."),
                             " AND NOT EXISTS (SELECT 1 FROM ", table_, " AS t WHERE ", same_key_, ")"),
                [&](ChangeTally::Day& day, const SqlRows& row) {
                  ++day.counts.inserted;
                  Compare(day, row, /*before=*/-1, /*after=*/1);
                });
  }
  absl::Status FindRemoved(const std::string& vanishing) {
    return Find(
        absl::StrCat("SELECT ", Day("t."), Cells("t."), " FROM ", table_, " AS t WHERE ", vanishing, " AND ",
                     ReadBefore("t."), " AND NOT EXISTS (SELECT 1 FROM ", kStage, " AS s WHERE ", same_key_, ")"),
        [&](ChangeTally::Day& day, const SqlRows& row) {
          ++day.counts.removed;
          Compare(day, row, /*before=*/1, /*after=*/-1);
        });
  }
  std::vector<DayChange> Result() const { return tally_.Result(); }

 private:
  int Width() const { return static_cast<int>(metrics_.size()); }
  std::string Day(absl::string_view prefix) const {
    return absl::StrCat(prefix, QuoteSql(request_.scope.day_column), "::date");
  }
  std::string Cells(absl::string_view prefix) const {
    return metrics_.empty() ? "" : absl::StrCat(", ", ColumnNames(request_.table, metrics_, prefix));
  }
  std::string ReadBefore(absl::string_view prefix) const {
    const std::string day = Day(prefix);
    return absl::StrCat("(",
                        absl::StrJoin(request_.read_before, " OR ",
                                      [&](std::string* out, const Coverage& days) {
                                        absl::StrAppend(out, day, " BETWEEN '", FormatDay(days.first), "' AND '",
                                                        FormatDay(days.last), "'");
                                      }),
                        ")");
  }

  template <typename Note>
  absl::Status Find(const std::string& sql, Note note) {
    return session_.db().Stream(sql, [&](const SqlRows& row) {
      ChangeTally::Day* const day = tally_.FindDay(row.Text(0));
      if (day != nullptr) note(*day, row);
      return absl::OkStatus();
    });
  }

  // Cells before and after begin at these columns; -1: there is no such row.
  void Compare(ChangeTally::Day& day, const SqlRows& row, int before, int after) const {
    for (int i = 0; i < Width(); ++i) {
      const bool was = before >= 0 && !row.IsNull(before + i), is = after >= 0 && !row.IsNull(after + i);
      const absl::string_view old_text = was ? row.Text(before + i) : "", new_text = is ? row.Text(after + i) : "";
      if (was == is && old_text == new_text) continue;
      const bool number = tally_.metrics()[static_cast<size_t>(i)].number;
      const DecimalSum old_value = number && was ? ValueOf(old_text) : DecimalSum();
      const DecimalSum new_value = number && is ? ValueOf(new_text) : DecimalSum();
      if (number && was && is && old_value == new_value) continue;  // 1.50 and 1.5
      ChangeTally::Add(day, static_cast<size_t>(i), old_value, new_value, before >= 0 && !was);
    }
  }

  static DecimalSum ValueOf(absl::string_view text) {
    if (text == "t" || text == "f") return DecimalSum(Decimal{text == "t" ? 1 : 0, 0});
    const std::optional<Decimal> value = ParseDecimal(text);
    if (value.has_value()) return DecimalSum(*value);
    DecimalSum unknown;
    unknown.Spoil();
    return unknown;
  }

  PgSession& session_;
  const SettleRequest& request_;
  const std::string table_, same_key_;
  ChangeTally tally_;
  std::vector<size_t> metrics_;
};

}  // namespace

absl::StatusOr<std::vector<DayChange>> CountPgChanges(PgSession& session, const SettleRequest& request,
                                                      const std::vector<size_t>& key, const std::string& vanishing) {
  if (!ChangeTally::Wanted(request)) return std::vector<DayChange>();
  ChangeFinder finder(session, request, key);
  RETURN_IF_ERROR(finder.FindUpdated());
  RETURN_IF_ERROR(finder.FindInserted());
  if (!vanishing.empty()) RETURN_IF_ERROR(finder.FindRemoved(vanishing));
  return finder.Result();
}

}  // namespace tikhaul
