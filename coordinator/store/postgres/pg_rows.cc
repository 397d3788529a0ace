// Settling. Rows of an empty window go into the table by a plain COPY. Others are copied into a temporary table, and
// the differences written by a few statements over both. A COPY that meets a key which is taken after all (a key twice
// in the chunk, a row outside the window) puts the transaction in conflict, and its next try goes the second way.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/postgres/copy_encoder.h"
#include "coordinator/store/postgres/pg_changes.h"
#include "coordinator/store/postgres/pg_stage.h"
#include "coordinator/store/postgres/pg_tables.h"

namespace tikhaul {
namespace {

class PgSettler {
 public:
  PgSettler(PgSession& session, const SettleRequest& request, RowSource& source)
      : session_(session),
        db_(session.db()),
        request_(request),
        table_(request.table),
        name_(session.Table(request.table.name)),
        source_(source) {}

  absl::StatusOr<SettleCounts> Run() {
    RETURN_IF_ERROR(Prepare());
    ASSIGN_OR_RETURN(const bool empty, WindowIsEmpty());
    if (empty && !session_.locked()) return CopyStraight();
    ASSIGN_OR_RETURN(const StagedRows staged, StageRows(session_, table_, key_, *shape_, source_));
    counts_.rows = staged.rows;
    counts_.distinct_keys = staged.distinct_keys;
    ASSIGN_OR_RETURN(counts_.changes,
                     CountPgChanges(session_, request_, key_, vanished_ == Vanished::kRemove ? scope_ : ""));
    RETURN_IF_ERROR(WriteDifferences());
    return counts_;
  }

 private:
  bool compares() const { return table_.mode != WriteMode::kAppend; }

  absl::Status Prepare() {
    ASSIGN_OR_RETURN(key_, KeyOrder(table_));
    content_ = ContentColumns(table_, key_);
    ASSIGN_OR_RETURN(RowShape shape, RowShape::Make(table_, source_.columns(), request_.constants));
    shape_.emplace(std::move(shape));
    if (!compares()) return absl::OkStatus();
    vanished_ = table_.mode == WriteMode::kReplace ? Vanished::kRemove : request_.vanished;
    ASSIGN_OR_RETURN(scope_, PgScope(table_, request_.scope, "t."));
    if (vanished_ == Vanished::kMarkGone && FindColumn(table_, kGoneAtColumn) < 0) {
      return absl::InvalidArgumentError(absl::StrCat("table ", table_.name, " has no column ", kGoneAtColumn));
    }
    return absl::OkStatus();
  }

  // Rows of one run are appended once, as a rule.
  absl::StatusOr<bool> WindowIsEmpty() {
    if (!compares()) return true;
    ASSIGN_OR_RETURN(PgResult rows, db_.Run(absl::StrCat("SELECT 1 FROM ", name_, " AS t WHERE ", scope_, " LIMIT 1")));
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    return !found;
  }

  absl::StatusOr<SettleCounts> CopyStraight() {
    const absl::StatusOr<uint64_t> rows = CopyRows(session_, table_, name_, *shape_, /*numbered=*/false, source_);
    if (absl::IsAlreadyExists(rows.status())) {
      db_.SetConflict(true);
      return absl::AbortedError("a key of the chunk is taken");
    }
    RETURN_IF_ERROR(rows.status());
    counts_.rows = counts_.distinct_keys = counts_.inserted = *rows;
    return counts_;
  }

  absl::Status WriteDifferences() {
    ASSIGN_OR_RETURN(counts_.updated, Update());
    const std::string names = ColumnNames(table_, All());
    ASSIGN_OR_RETURN(const PgResult inserted,
                     db_.Run(absl::StrCat("INSERT INTO ", name_, " (", names, ") SELECT ", names, " FROM ", kStage,
                                          " AS s WHERE NOT EXISTS (SELECT 1 FROM ", name_, " AS t WHERE ",
                                          SameColumns(table_, key_), ")")));
    counts_.inserted = inserted.Changed();
    counts_.unchanged = counts_.distinct_keys - counts_.inserted - counts_.updated;
    return compares() && vanished_ != Vanished::kKeep ? SettleVanished() : absl::OkStatus();
  }

  // Unchanged rows are written all the same where a column is volatile, for their newest signed addresses.
  absl::StatusOr<uint64_t> Update() {
    std::vector<size_t> others;
    bool has_volatile = false;
    for (const size_t i : All()) {
      if (std::find(key_.begin(), key_.end(), i) == key_.end()) others.push_back(i);
      has_volatile = has_volatile || table_.columns[i].is_volatile;
    }
    if (others.empty()) return uint64_t{0};
    const std::string same_key = SameColumns(table_, key_), differ = OtherColumns(table_, content_);
    const std::string update = absl::StrCat("UPDATE ", name_, " AS t SET ",
                                            absl::StrJoin(others, ", ",
                                                          [&](std::string* out, size_t i) {
                                                            const std::string name = QuoteSql(table_.columns[i].name);
                                                            absl::StrAppend(out, name, " = s.", name);
                                                          }),
                                            " FROM ", kStage, " AS s WHERE ", same_key);
    if (!has_volatile) {
      ASSIGN_OR_RETURN(const PgResult updated, db_.Run(absl::StrCat(update, " AND ", differ)));
      return updated.Changed();
    }
    ASSIGN_OR_RETURN(PgResult changed, db_.Run(absl::StrCat("SELECT count(*) FROM ", name_, " AS t JOIN ", kStage,
                                                            " AS s ON ", same_key, " WHERE ", differ)));
    RETURN_IF_ERROR(changed.Step().status());
    RETURN_IF_ERROR(db_.Run(update).status());
    return static_cast<uint64_t>(changed.Int(0));
  }

  absl::Status SettleVanished() {
    const std::string unseen =
        absl::StrCat(scope_, " AND NOT EXISTS (SELECT 1 FROM ", kStage, " AS s WHERE ", SameColumns(table_, key_), ")");
    std::string sql = absl::StrCat("DELETE FROM ", name_, " AS t WHERE ", unseen);
    if (vanished_ == Vanished::kMarkGone) {  // gone since the read that did not return it
      const int read_at = FindColumn(table_, kExtractedAtColumn);
      if (read_at < 0 || !shape_->columns()[static_cast<size_t>(read_at)].number.has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat("table ", table_.name, ": marking rows gone needs the constant ", kExtractedAtColumn));
      }
      const std::string gone = QuoteSql(kGoneAtColumn);
      sql = absl::StrCat("UPDATE ", name_, " AS t SET ", gone, " = '",
                         PgTimeText(ColumnType::kTimestamp, *shape_->columns()[static_cast<size_t>(read_at)].number),
                         "' WHERE ", unseen, " AND t.", gone, " IS NULL");
    }
    ASSIGN_OR_RETURN(const PgResult removed, db_.Run(sql));
    counts_.removed = removed.Changed();
    return absl::OkStatus();
  }

  std::vector<size_t> All() const {
    std::vector<size_t> all(table_.columns.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }

  PgSession& session_;
  PgConnection& db_;
  const SettleRequest& request_;
  const TableSchema& table_;
  const std::string name_;
  RowSource& source_;
  Vanished vanished_ = Vanished::kKeep;
  std::vector<size_t> key_, content_;
  std::string scope_;  // of columns t.x
  std::optional<RowShape> shape_;
  SettleCounts counts_;
};

}  // namespace

absl::StatusOr<SettleCounts> PgTransaction::SettleRows(const SettleRequest& request, RowSource& rows) {
  return PgSettler(session_, request, rows).Run();
}

absl::Status PgTransaction::SetFinality(const TableSchema& table, const RowScope& scope, Finality finality) {
  ASSIGN_OR_RETURN(const std::string rows, PgScope(table, scope));
  if (FindColumn(table, kFinalityColumn) < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " has no column _finality"));
  }
  const std::string value = PgLiteral(Name(finality));
  // A row that says it already would be written anew for nothing.
  return session_.db()
      .Run(absl::StrCat("UPDATE ", session_.Table(table.name), " SET _finality = ", value, " WHERE ", rows,
                        " AND _finality IS DISTINCT FROM ", value))
      .status();
}

}  // namespace tikhaul
