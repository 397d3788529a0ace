// A chunk's rows are compared with those that its scope holds, by hashes of key and content, and only differences are
// written. One pass over the scope's rows, one over the chunk's. Into an empty scope, rows are inserted as they come,
// and nothing is kept of them; when a key is taken after all (it comes twice in the chunk, or lies outside the scope),
// the transaction is run again the careful way.
//
// Hashes are of 64 and 62 bits. Two keys of a scope that share a hash (1 in 10 million at 5 million rows) still get a
// row each, since writing goes by the key itself; a changed row is overlooked with a chance of 2^-62.
#include "coordinator/store/sqlite/sqlite_rows.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/sqlite/change_counter.h"
#include "coordinator/store/sqlite/row_encoder.h"
#include "coordinator/store/sqlite/sqlite_scope.h"
#include "coordinator/store/sqlite/sqlite_session.h"
#include "coordinator/store/sqlite/sqlite_tables.h"

namespace tikhaul {
namespace {

constexpr char kUnseenFunction[] = "tikhaul_unseen";
constexpr char kPointerType[] = "tikhaul-known-rows";

// What is known of a key, in the two low bits of the hash of its content.
enum Fate : uint64_t { kUnseen, kUnchanged, kUpdated, kInserted };
constexpr uint64_t kFateBits = 3;

// By the hash of the key.
using KnownRows = absl::flat_hash_map<uint64_t, uint64_t>;

// tikhaul_unseen(known rows, key cells...): is the row there, but not brought?
void UnseenFunction(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* known = static_cast<const KnownRows*>(sqlite3_value_pointer(values[0], kPointerType));
  if (known == nullptr) {
    sqlite3_result_error(context, "tikhaul_unseen is for tikhaul alone", -1);
    return;
  }
  CellHasher hasher;
  for (int i = 1; i < count; ++i) hasher.Add(CellOfValue(values[i]));
  const auto found = known->find(hasher.Finish());
  sqlite3_result_int(context, found != known->end() && (found->second & kFateBits) == kUnseen);
}

class Settler {
 public:
  Settler(SqliteDb& db, const SettleRequest& request, RowSource& source, bool careful)
      : db_(db), request_(request), table_(request.table), source_(source), careful_(careful) {}

  absl::StatusOr<SettleCounts> Run();
  bool too_careless() const { return too_careless_; }

 private:
  bool compares() const { return table_.mode != WriteMode::kAppend; }
  absl::Status Prepare();
  absl::Status PrepareScope();
  absl::StatusOr<SqliteStatement> WritingStatement(absl::string_view conflict);
  absl::Status ReadScope();
  absl::Status PutRow();
  absl::Status InsertUnseen();
  absl::Status InsertRow(uint64_t key);
  absl::Status OverwriteRow();
  absl::StatusOr<int> WriteWith(SqliteStatement& statement);
  uint64_t HashContent();
  absl::Status BindUnseen(int first, SqliteStatement& statement);
  absl::Status CountRemoved(const std::string& where);
  absl::Status SettleVanished();

  std::string Names(const std::vector<size_t>& columns) const {
    return absl::StrJoin(
        columns, ", ", [this](std::string* out, size_t i) { absl::StrAppend(out, QuoteSql(table_.columns[i].name)); });
  }

  SqliteDb& db_;
  const SettleRequest& request_;
  const TableSchema& table_;
  RowSource& source_;
  const bool careful_;
  bool too_careless_ = false;
  Vanished vanished_ = Vanished::kKeep;
  std::vector<size_t> key_;
  std::vector<size_t> content_;  // all but the key, what is volatile, and when and by which run the row was read
  bool has_volatile_ = false;    // unchanged rows are written all the same, for their newest signed addresses
  ScopeSql scope_;
  std::optional<RowEncoder> encoder_;
  std::optional<SqliteStatement> insert_, upsert_;
  std::unique_ptr<ChangeCounter> changes_;  // null: nobody asks what changes
  CellHasher hasher_;
  KnownRows known_;
  uint64_t in_scope_ = 0, seen_in_scope_ = 0;
  SettleCounts counts_;
};

absl::StatusOr<SettleCounts> Settler::Run() {
  RETURN_IF_ERROR(Prepare());
  if (compares()) RETURN_IF_ERROR(ReadScope());
  const bool keep_in_mind = careful_ || in_scope_ > 0;
  for (;;) {
    ASSIGN_OR_RETURN(const RowBatch* batch, source_.Next());
    if (batch == nullptr) break;
    RETURN_IF_ERROR(encoder_->CheckBatch(*batch));
    for (size_t row = 0; row < batch->rows; ++row) {
      encoder_->Encode(*batch, row);
      RETURN_IF_ERROR(keep_in_mind ? PutRow() : InsertUnseen());
    }
    counts_.rows += batch->rows;
  }
  if (compares()) RETURN_IF_ERROR(SettleVanished());
  if (changes_ != nullptr) counts_.changes = changes_->Result();
  return counts_;
}

absl::Status Settler::Prepare() {
  ASSIGN_OR_RETURN(key_, KeyOrder(table_));
  content_ = ContentColumns(table_, key_);
  for (const TableColumn& column : table_.columns) has_volatile_ = has_volatile_ || column.is_volatile;
  if (compares()) RETURN_IF_ERROR(PrepareScope());
  ASSIGN_OR_RETURN(changes_, ChangeCounter::Make(db_, request_, key_));
  ASSIGN_OR_RETURN(encoder_, RowEncoder::Make(table_, source_.columns(), request_.constants));
  ASSIGN_OR_RETURN(SqliteStatement insert, WritingStatement(""));
  insert_.emplace(std::move(insert));
  std::vector<std::string> updates;
  for (size_t i = 0; i < table_.columns.size(); ++i) {
    if (std::find(key_.begin(), key_.end(), i) != key_.end()) continue;
    const std::string name = QuoteSql(table_.columns[i].name);
    updates.push_back(absl::StrCat(name, " = excluded.", name));
  }
  const std::string conflict = updates.empty()
                                   ? " ON CONFLICT DO NOTHING"
                                   : absl::StrCat(" ON CONFLICT DO UPDATE SET ", absl::StrJoin(updates, ", "));
  ASSIGN_OR_RETURN(SqliteStatement upsert, WritingStatement(conflict));
  upsert_.emplace(std::move(upsert));
  return absl::OkStatus();
}

absl::Status Settler::PrepareScope() {
  vanished_ = table_.mode == WriteMode::kReplace ? Vanished::kRemove : request_.vanished;
  ASSIGN_OR_RETURN(scope_, ScopeOf(table_, request_.scope));
  if (vanished_ == Vanished::kMarkGone && FindColumn(table_, kGoneAtColumn) < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table_.name, " has no column ", kGoneAtColumn));
  }
  return absl::OkStatus();
}

// An INSERT of all columns, whose parameters are numbered as the columns; what all rows share is bound here once.
absl::StatusOr<SqliteStatement> Settler::WritingStatement(absl::string_view conflict) {
  std::vector<std::string> names;
  for (const TableColumn& column : table_.columns) names.push_back(QuoteSql(column.name));
  const std::vector<absl::string_view> marks(names.size(), "?");
  ASSIGN_OR_RETURN(SqliteStatement statement,
                   db_.Statement(absl::StrCat("INSERT INTO ", QuoteSql(table_.name), " (", absl::StrJoin(names, ", "),
                                              ") VALUES (", absl::StrJoin(marks, ", "), ")", conflict)));
  for (size_t i = 0; i < names.size(); ++i) {
    const int code = BindCell(statement.raw(), static_cast<int>(i) + 1, encoder_->cells()[i]);
    if (code != SQLITE_OK) return db_.Error(code);
  }
  return statement;
}

absl::Status Settler::ReadScope() {
  std::string names = Names(key_);
  if (!content_.empty()) absl::StrAppend(&names, ", ", Names(content_));
  ASSIGN_OR_RETURN(SqliteStatement rows, db_.Statement(absl::StrCat("SELECT ", names, " FROM ", QuoteSql(table_.name),
                                                                    " WHERE ", scope_.condition)));
  scope_.Bind(1, rows);
  const int key_count = static_cast<int>(key_.size());
  const int count = key_count + static_cast<int>(content_.size());
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return absl::OkStatus();
    for (int i = 0; i < key_count; ++i) hasher_.Add(CellOfColumn(rows.raw(), i));
    const uint64_t key = hasher_.Finish();
    for (int i = key_count; i < count; ++i) hasher_.Add(CellOfColumn(rows.raw(), i));
    known_[key] = (hasher_.Finish() & ~kFateBits) | kUnseen;
    ++in_scope_;
  }
}

uint64_t Settler::HashContent() {
  for (const size_t i : content_) hasher_.Add(encoder_->cells()[i]);
  return hasher_.Finish() & ~kFateBits;
}

absl::Status Settler::PutRow() {
  for (const size_t i : key_) hasher_.Add(encoder_->cells()[i]);
  const uint64_t key = hasher_.Finish();
  const auto [entry, is_new] = known_.try_emplace(key, kInserted);
  if (is_new) {
    ++counts_.distinct_keys;
    return InsertRow(key);
  }
  uint64_t& known = entry->second;
  const Fate fate = static_cast<Fate>(known & kFateBits);
  const bool same = fate <= kUnchanged && (known & ~kFateBits) == HashContent();
  if (fate == kUnseen) {
    ++counts_.distinct_keys;
    ++seen_in_scope_;
    ++(same ? counts_.unchanged : counts_.updated);
    known |= same ? kUnchanged : kUpdated;
  } else if (fate == kUnchanged && !same) {  // the same key again, now with other content: the later row counts
    --counts_.unchanged;
    ++counts_.updated;
    known = (known & ~kFateBits) | kUpdated;
  }
  return same && !has_volatile_ ? absl::OkStatus() : OverwriteRow();
}

absl::Status Settler::InsertUnseen() {
  ASSIGN_OR_RETURN(const int code, WriteWith(*insert_));
  too_careless_ = code == SQLITE_CONSTRAINT_PRIMARYKEY;
  if (too_careless_) return absl::AbortedError("a key of the chunk is taken");
  ++counts_.distinct_keys;
  ++counts_.inserted;
  return changes_ == nullptr ? absl::OkStatus() : changes_->Inserted(encoder_->cells());
}

// A row whose key the scope does not hold. It may be there all the same, outside the scope.
absl::Status Settler::InsertRow(uint64_t key) {
  ASSIGN_OR_RETURN(const int code, WriteWith(*insert_));
  if (code != SQLITE_CONSTRAINT_PRIMARYKEY) {
    ++counts_.inserted;
    return changes_ == nullptr ? absl::OkStatus() : changes_->Inserted(encoder_->cells());
  }
  ++counts_.updated;
  known_[key] = kUpdated;
  return OverwriteRow();
}

absl::Status Settler::OverwriteRow() {
  if (changes_ != nullptr) RETURN_IF_ERROR(changes_->Overwriting(encoder_->cells()));
  return WriteWith(*upsert_).status();
}

// SQLITE_DONE, or SQLITE_CONSTRAINT_PRIMARYKEY, after which nothing is written; other codes are errors.
absl::StatusOr<int> Settler::WriteWith(SqliteStatement& statement) {
  sqlite3_stmt* const raw = statement.raw();
  for (const size_t i : encoder_->varying()) {
    const int code = BindCell(raw, static_cast<int>(i) + 1, encoder_->cells()[i]);
    if (code != SQLITE_OK) return db_.Error(code);
  }
  const int code = sqlite3_step(raw);
  if (code != SQLITE_DONE && code != SQLITE_CONSTRAINT_PRIMARYKEY) {
    absl::Status error = db_.Error(code);
    sqlite3_reset(raw);
    return error;
  }
  sqlite3_reset(raw);
  return code;
}

// The parameters of scope_.condition and, behind them, of kUnseenFunction.
absl::Status Settler::BindUnseen(int first, SqliteStatement& statement) {
  scope_.Bind(first, statement);
  const int code = sqlite3_bind_pointer(statement.raw(), first + static_cast<int>(scope_.values.size()), &known_,
                                        kPointerType, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : db_.Error(code);
}

absl::Status Settler::CountRemoved(const std::string& where) {
  ASSIGN_OR_RETURN(SqliteStatement rows, db_.Statement(absl::StrCat("SELECT ", changes_->Columns(), " FROM ",
                                                                    QuoteSql(table_.name), " WHERE ", where)));
  RETURN_IF_ERROR(BindUnseen(1, rows));
  return changes_->Removing(rows);
}

absl::Status Settler::SettleVanished() {
  if (vanished_ == Vanished::kKeep || seen_in_scope_ == in_scope_) return absl::OkStatus();
  const bool remove = vanished_ == Vanished::kRemove;
  const std::string unseen = absl::StrCat(kUnseenFunction, "(?, ", Names(key_), ")");
  const std::string table = QuoteSql(table_.name), gone = QuoteSql(kGoneAtColumn);
  if (remove && changes_ != nullptr) RETURN_IF_ERROR(CountRemoved(absl::StrCat(scope_.condition, " AND ", unseen)));
  const std::string sql = remove ? absl::StrCat("DELETE FROM ", table, " WHERE ", scope_.condition, " AND ", unseen)
                                 : absl::StrCat("UPDATE ", table, " SET ", gone, " = ? WHERE ", scope_.condition,
                                                " AND ", gone, " IS NULL AND ", unseen);
  ASSIGN_OR_RETURN(SqliteStatement statement, db_.Statement(sql));
  int parameter = 1;
  if (!remove) {  // gone since the read that did not return it
    const int read_at = FindColumn(table_, kExtractedAtColumn);
    if (read_at < 0 || encoder_->cells()[read_at].type == SQLITE_NULL) {
      return absl::InvalidArgumentError(
          absl::StrCat("table ", table_.name, ": marking rows gone needs the constant ", kExtractedAtColumn));
    }
    const int code = BindCell(statement.raw(), parameter++, encoder_->cells()[read_at]);
    if (code != SQLITE_OK) return db_.Error(code);
  }
  RETURN_IF_ERROR(BindUnseen(parameter, statement));
  RETURN_IF_ERROR(statement.Run());
  counts_.removed = static_cast<uint64_t>(sqlite3_changes64(db_.handle()));
  return absl::OkStatus();
}

}  // namespace

absl::Status RegisterRowFunctions(SqliteDb& db) {
  const int code = sqlite3_create_function_v2(db.handle(), kUnseenFunction, -1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                              nullptr, UnseenFunction, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : db.Error(code);
}

absl::StatusOr<SettleCounts> SqliteTransaction::SettleRows(const SettleRequest& request, RowSource& rows) {
  Settler settler(db_, request, rows, careful_);
  absl::StatusOr<SettleCounts> counts = settler.Run();
  too_careless_ = too_careless_ || settler.too_careless();
  return counts;
}

absl::Status SqliteTransaction::SetFinality(const TableSchema& table, const RowScope& scope, Finality finality) {
  ASSIGN_OR_RETURN(const ScopeSql rows, ScopeOf(table, scope));
  if (FindColumn(table, "_finality") < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", table.name, " has no column _finality"));
  }
  ASSIGN_OR_RETURN(SqliteStatement update, db_.Statement(absl::StrCat("UPDATE ", QuoteSql(table.name),
                                                                      " SET _finality = ? WHERE ", rows.condition)));
  update.Bind(1, ToSql(finality));
  rows.Bind(2, update);
  return update.Run();
}

}  // namespace tikhaul
