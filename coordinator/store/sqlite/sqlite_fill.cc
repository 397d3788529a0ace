// Filling columns of rows that are there: one look and at most one change per row, by its key.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil.h"
#include "common/base/json_members.h"
#include "coordinator/store/sqlite/row_encoder.h"
#include "coordinator/store/sqlite/sqlite_scope.h"
#include "coordinator/store/sqlite/sqlite_session.h"
#include "coordinator/store/sqlite/sqlite_tables.h"

namespace tikhaul {
namespace {

class Filler {
 public:
  Filler(SqliteDb& db, const FillRequest& request, RowSource& source)
      : db_(db),
        request_(request),
        table_(request.table),
        source_(source),
        not_after_(FormatInstant(request.not_after)) {}

  absl::StatusOr<FillCounts> Run() {
    RETURN_IF_ERROR(Prepare());
    for (;;) {
      ASSIGN_OR_RETURN(const RowBatch* const batch, source_.Next());
      if (batch == nullptr) break;
      RETURN_IF_ERROR(encoder_->CheckBatch(*batch));
      for (size_t row = 0; row < batch->rows; ++row) {
        encoder_->Encode(*batch, row);
        RETURN_IF_ERROR(FillRow());
      }
      counts_.rows += batch->rows;
    }
    RETURN_IF_ERROR(FindVanished());
    counts_.distinct_keys = seen_.size();
    counts_.other_days.assign(other_days_.begin(), other_days_.end());
    return counts_;
  }

 private:
  absl::Status Prepare() {
    ASSIGN_OR_RETURN(key_, KeyOrder(table_));
    ASSIGN_OR_RETURN(scope_, ScopeOf(table_, request_.scope));
    day_ = FindColumn(table_, request_.scope.day_column);
    raw_ = FindColumn(table_, kRawColumn);
    ASSIGN_OR_RETURN(filled_, FilledColumns(request_));
    ASSIGN_OR_RETURN(encoder_, RowEncoder::Make(table_, source_.columns(), request_.constants));
    return PrepareStatements();
  }

  absl::Status PrepareStatements() {
    const auto names = [&](const std::vector<size_t>& columns, absl::string_view between, absl::string_view after) {
      return absl::StrJoin(columns, between, [&](std::string* out, size_t i) {
        absl::StrAppend(out, QuoteSql(table_.columns[i].name), after);
      });
    };
    const std::string table = QuoteSql(table_.name), where = absl::StrCat(" WHERE ", names(key_, " AND ", " = ?"));
    const std::string read_at = QuoteSql(kExtractedAtColumn), raw = QuoteSql(kRawColumn);
    ASSIGN_OR_RETURN(SqliteStatement look,
                     db_.Statement(absl::StrCat("SELECT ", read_at, ", ", raw, ", ", names(filled_, ", ", ""), " FROM ",
                                                table, where)));
    look_.emplace(std::move(look));
    ASSIGN_OR_RETURN(
        SqliteStatement change,
        db_.Statement(absl::StrCat("UPDATE ", table, " SET ", names(filled_, ", ", " = ?"), ", ", raw, " = ?", where)));
    change_.emplace(std::move(change));
    ASSIGN_OR_RETURN(SqliteStatement keys, db_.Statement(absl::StrCat("SELECT ", read_at, ", ", names(key_, ", ", ""),
                                                                      " FROM ", table, " WHERE ", scope_.condition)));
    keys_.emplace(std::move(keys));
    return absl::OkStatus();
  }

  absl::Status Bind(SqliteStatement& statement, int parameter, const Cell& cell) {
    const int code = BindCell(statement.raw(), parameter, cell);
    return code == SQLITE_OK ? absl::OkStatus() : db_.Error(code);
  }

  absl::Status FillRow() {
    int parameter = 1;
    for (const size_t i : key_) {
      hasher_.Add(encoder_->cells()[i]);
      RETURN_IF_ERROR(Bind(*look_, parameter++, encoder_->cells()[i]));
    }
    seen_.insert(hasher_.Finish());
    ASSIGN_OR_RETURN(const bool found, look_->Step());
    if (!found) return NoteDay(encoder_->cells()[static_cast<size_t>(day_)].text);
    const bool newer = look_->Text(0) > not_after_;
    bool same = true;
    if (!newer) {
      new_raw_ = MergedRaw(look_->Text(1));
      same = new_raw_ == look_->Text(1);
      for (size_t i = 0; i < filled_.size(); ++i) {
        same = same && SameCell(CellOfColumn(look_->raw(), static_cast<int>(i) + 2), encoder_->cells()[filled_[i]]);
      }
    }
    look_->Reset();
    ++(same ? counts_.unchanged : counts_.updated);
    return same ? absl::OkStatus() : ChangeRow();
  }

  absl::Status ChangeRow() {
    int parameter = 1;
    for (const size_t i : filled_) RETURN_IF_ERROR(Bind(*change_, parameter++, encoder_->cells()[i]));
    const Cell raw = new_raw_.empty() ? Cell{} : Cell{.type = SQLITE_TEXT, .text = new_raw_};
    RETURN_IF_ERROR(Bind(*change_, parameter++, raw));
    for (const size_t i : key_) RETURN_IF_ERROR(Bind(*change_, parameter++, encoder_->cells()[i]));
    return change_->Run();
  }

  bool IsFilled(absl::string_view name) const {
    return std::any_of(request_.columns.begin(), request_.columns.end(),
                       [&](const std::string& column) { return column == name; });
  }

  // What _raw keeps of other columns, and what the new cells of these columns were.
  std::string MergedRaw(absl::string_view before) const {
    std::vector<JsonMember> members;
    const std::vector<JsonMember> none;
    for (const JsonMember& member : MembersOf(before).value_or(none)) {
      if (!IsFilled(member.name)) members.push_back(member);
    }
    for (const JsonMember& member : MembersOf(encoder_->cells()[static_cast<size_t>(raw_)].text).value_or(none)) {
      if (IsFilled(member.name)) members.push_back(member);
    }
    return ObjectOf(members);
  }

  absl::Status FindVanished() {
    scope_.Bind(1, *keys_);
    for (;;) {
      ASSIGN_OR_RETURN(const bool found, keys_->Step());
      if (!found) return absl::OkStatus();
      if (keys_->Text(0) > not_after_) continue;
      absl::string_view day;
      for (size_t i = 0; i < key_.size(); ++i) {
        const Cell cell = CellOfColumn(keys_->raw(), static_cast<int>(i) + 1);
        if (key_[i] == static_cast<size_t>(day_)) day = cell.text;
        hasher_.Add(cell);
      }
      if (!seen_.contains(hasher_.Finish())) RETURN_IF_ERROR(NoteDay(day));
    }
  }

  absl::Status NoteDay(absl::string_view text) {
    ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(text.substr(0, 10)));
    other_days_.insert(day);
    return absl::OkStatus();
  }

  SqliteDb& db_;
  const FillRequest& request_;
  const TableSchema& table_;
  RowSource& source_;
  const std::string not_after_;
  int day_ = -1, raw_ = -1;
  std::vector<size_t> key_, filled_;
  ScopeSql scope_;
  std::optional<RowEncoder> encoder_;
  std::optional<SqliteStatement> look_, change_, keys_;
  CellHasher hasher_;
  absl::flat_hash_set<uint64_t> seen_;
  std::set<absl::CivilDay> other_days_;
  std::string new_raw_;
  FillCounts counts_;
};

}  // namespace

absl::StatusOr<FillCounts> SqliteTransaction::FillRows(const FillRequest& request, RowSource& rows) {
  return Filler(db_, request, rows).Run();
}

}  // namespace tikhaul
