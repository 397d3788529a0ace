#include "coordinator/store/sqlite/sqlite_db.h"

#include <cerrno>
#include <variant>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

absl::StatusCode CodeFor(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_CONSTRAINT:
      return absl::StatusCode::kAlreadyExists;
    case SQLITE_TOOBIG:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kInternal;
  }
}

// What the user can do about it.
absl::string_view Mend(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "; the disk is full: make room, the work goes on by itself";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; it is locked by another program: end that program's transaction (readers never disturb)";
    case SQLITE_IOERR:
      return "; the disk reports an error";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "; check that the file and its folder exist and that this user may write both";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; the file is damaged: restore it from a backup";
    default:
      return "";
  }
}

}  // namespace

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;  // moved away
  sqlite3_reset(raw());
  sqlite3_clear_bindings(raw());
  db_->idle_.try_emplace(std::move(sql_), std::move(statement_));
}

void SqliteStatement::NoteBind(int code) {
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void SqliteStatement::Bind(int parameter, int64_t value) { NoteBind(sqlite3_bind_int64(raw(), parameter, value)); }

void SqliteStatement::Bind(int parameter, absl::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();  // a null pointer would bind null
  NoteBind(sqlite3_bind_text64(raw(), parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void SqliteStatement::Bind(int parameter, const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    Bind(parameter, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    Bind(parameter, absl::string_view(*text));
  } else {
    BindNull(parameter);
  }
}

void SqliteStatement::BindNull(int parameter) { NoteBind(sqlite3_bind_null(raw(), parameter)); }

absl::StatusOr<bool> SqliteStatement::Step() {
  if (bind_error_ != SQLITE_OK) return db_->Error(bind_error_);
  const int code = sqlite3_step(raw());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(raw());
    return false;
  }
  absl::Status error = db_->Error(code);  // before the reset, which forgets the message
  sqlite3_reset(raw());
  return error;
}

absl::Status SqliteStatement::Run() {
  ASSIGN_OR_RETURN(const bool row, Step());
  if (row) Reset();
  return absl::OkStatus();
}

void SqliteStatement::Reset() { sqlite3_reset(raw()); }

absl::string_view SqliteStatement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw(), column));
  return text == nullptr ? absl::string_view() : absl::string_view(text, sqlite3_column_bytes(raw(), column));
}

absl::StatusOr<std::unique_ptr<SqliteDb>> SqliteDb::Open(const std::string& path, int flags,
                                                         absl::Duration busy_timeout) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (handle == nullptr) return absl::ResourceExhaustedError("out of memory while opening SQLite");
  std::unique_ptr<SqliteDb> db(new SqliteDb(path, handle));
  if (code != SQLITE_OK) return db->Error(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(absl::ToInt64Milliseconds(busy_timeout)));
  return db;
}

SqliteDb::~SqliteDb() {
  idle_.clear();
  sqlite3_close_v2(handle_);
}

absl::Status SqliteDb::Script(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Error(code);
}

absl::StatusOr<SqliteStatement> SqliteDb::Prepare(absl::string_view sql) {
  // A statement in use is not in the cache, so that a walk over rows may start the same query again.
  if (auto found = idle_.find(sql); found != idle_.end()) {
    auto node = idle_.extract(found);
    return SqliteStatement(this, std::move(node.key()), node.mapped().release());
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return Error(code);
  return SqliteStatement(this, std::string(sql), statement);
}

absl::StatusOr<SqliteStatement> SqliteDb::Bound(absl::string_view sql, absl::Span<const SqlValue> values) {
  ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  int parameter = 0;
  for (const SqlValue& value : values) statement.Bind(++parameter, value);
  return statement;
}

absl::StatusOr<std::unique_ptr<SqlRows>> SqliteDb::Select(absl::string_view sql, absl::Span<const SqlValue> values) {
  ASSIGN_OR_RETURN(SqliteStatement statement, Bound(sql, values));
  return std::make_unique<SqliteStatement>(std::move(statement));
}

absl::StatusOr<std::unique_ptr<SqlRows>> SqliteDb::ChangeRows(absl::string_view sql,
                                                              absl::Span<const SqlValue> values) {
  return Select(sql, values);
}

absl::StatusOr<uint64_t> SqliteDb::Change(absl::string_view sql, absl::Span<const SqlValue> values) {
  ASSIGN_OR_RETURN(SqliteStatement statement, Bound(sql, values));
  RETURN_IF_ERROR(statement.Run());
  return static_cast<uint64_t>(sqlite3_changes64(handle_));
}

absl::Status SqliteDb::CheckInPlace() const {
  int moved = 0;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved == 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("SQLite file ", path_,
                   ": it was deleted, moved or replaced while it was in use; put it back, then "
                   "start the coordinator again"));
}

absl::Status SqliteDb::Error(int code) const {
  const int system_error = sqlite3_system_errno(handle_);
  const std::string message = sqlite3_errmsg(handle_);
  if ((code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT)) code = SQLITE_FULL;
  return absl::Status(CodeFor(code), absl::StrCat("SQLite file ", path_, ": ", message, Mend(code)));
}

}  // namespace tikhaul
