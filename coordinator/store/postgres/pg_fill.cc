// Filling columns of rows that are there: by joins of the staged rows with the table.
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil.h"
#include "coordinator/store/postgres/pg_stage.h"
#include "coordinator/store/postgres/pg_tables.h"

namespace tikhaul {
namespace {

class PgFiller {
 public:
  PgFiller(PgSession& session, const FillRequest& request, RowSource& source)
      : session_(session),
        db_(session.db()),
        request_(request),
        table_(request.table),
        name_(session.Table(request.table.name)),
        source_(source) {}

  absl::StatusOr<FillCounts> Run() {
    RETURN_IF_ERROR(Prepare());
    ASSIGN_OR_RETURN(const RowShape shape, RowShape::Make(table_, source_.columns(), request_.constants));
    ASSIGN_OR_RETURN(const StagedRows staged, StageRows(session_, table_, key_, shape, source_));
    FillCounts counts{.rows = staged.rows, .distinct_keys = staged.distinct_keys, .other_days = {}};
    ASSIGN_OR_RETURN(PgResult there, db_.Run(absl::StrCat("SELECT count(*) FROM ", name_, " AS t JOIN ", kStage,
                                                          " AS s ON ", same_key_)));
    RETURN_IF_ERROR(there.Step().status());
    ASSIGN_OR_RETURN(counts.updated, Update());
    counts.unchanged = static_cast<uint64_t>(there.Int(0)) - counts.updated;
    ASSIGN_OR_RETURN(counts.other_days, OtherDays());
    return counts;
  }

 private:
  absl::Status Prepare() {
    ASSIGN_OR_RETURN(key_, KeyOrder(table_));
    ASSIGN_OR_RETURN(scope_, PgScope(table_, request_.scope, "t."));
    ASSIGN_OR_RETURN(filled_, FilledColumns(request_));
    same_key_ = SameColumns(table_, key_);
    // Rows that a later read brought keep theirs.
    not_newer_ = absl::StrCat("coalesce(t.", QuoteSql(kExtractedAtColumn), " <= '", FormatInstant(request_.not_after),
                              "', TRUE)");
    return absl::OkStatus();
  }

  // What _raw keeps of other columns, and what the new cells of these columns were.
  std::string MergedRaw() const {
    const std::string names = absl::StrCat(
        "ARRAY[",
        absl::StrJoin(request_.columns, ", ",
                      [](std::string* out, const std::string& name) { absl::StrAppend(out, PgLiteral(name)); }),
        "]::text[]");
    const std::string raw = QuoteSql(kRawColumn);
    return absl::StrCat("nullif((coalesce(t.", raw, ", '{}') - ", names,
                        ") || (SELECT coalesce(jsonb_object_agg(name, value), '{}') FROM jsonb_each(coalesce(s.", raw,
                        ", '{}')) AS member(name, value) WHERE name = ANY (", names, ")), '{}')");
  }

  absl::StatusOr<uint64_t> Update() {
    const std::string raw = QuoteSql(kRawColumn), merged = MergedRaw();
    std::vector<std::string> sets = {absl::StrCat(raw, " = ", merged)};
    for (const size_t i : filled_) {
      const std::string name = QuoteSql(table_.columns[i].name);
      sets.push_back(absl::StrCat(name, " = s.", name));
    }
    ASSIGN_OR_RETURN(
        const PgResult updated,
        db_.Run(absl::StrCat("UPDATE ", name_, " AS t SET ", absl::StrJoin(sets, ", "), " FROM ", kStage,
                             " AS s WHERE ", same_key_, " AND ", not_newer_, " AND (", OtherColumns(table_, filled_),
                             " OR t.", raw, " IS DISTINCT FROM ", merged, ")")));
    return updated.Changed();
  }

  absl::StatusOr<std::vector<absl::CivilDay>> OtherDays() {
    const std::string day = absl::StrCat(QuoteSql(request_.scope.day_column), "::date");
    ASSIGN_OR_RETURN(PgResult rows, db_.Run(absl::StrCat(
                                        "SELECT s.", day, " FROM ", kStage, " AS s WHERE NOT EXISTS (SELECT 1 FROM ",
                                        name_, " AS t WHERE ", same_key_, ") UNION SELECT t.", day, " FROM ", name_,
                                        " AS t WHERE ", scope_, " AND ", not_newer_, " AND NOT EXISTS (SELECT 1 FROM ",
                                        kStage, " AS s WHERE ", same_key_, ") ORDER BY 1")));
    std::vector<absl::CivilDay> days;
    for (;;) {
      ASSIGN_OR_RETURN(const bool found, rows.Step());
      if (!found) return days;
      ASSIGN_OR_RETURN(days.emplace_back(), ParseDay(rows.Text(0)));
    }
  }

  PgSession& session_;
  PgConnection& db_;
  const FillRequest& request_;
  const TableSchema& table_;
  const std::string name_;
  RowSource& source_;
  std::vector<size_t> key_, filled_;
  std::string scope_, same_key_, not_newer_;
};

}  // namespace

absl::StatusOr<FillCounts> PgTransaction::FillRows(const FillRequest& request, RowSource& rows) {
  return PgFiller(session_, request, rows).Run();
}

}  // namespace tikhaul
