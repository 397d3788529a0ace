// The one home of the SQLite library: connections, statements, and what its errors mean to us.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_DB_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_DB_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"

namespace tikhaul {

class SqliteDb;

// An instant bound as microseconds since 1970; InfinitePast is null, InfiniteFuture the largest integer.
struct Micros {
  absl::Time time;
};
// An instant bound as 'YYYY-MM-DDTHH:MM:SSZ'; InfinitePast is null, InfiniteFuture the last second of year 9999.
struct Instant {
  absl::Time time;
};

// A prepared statement taken from its connection's cache; goes back, reset and without bindings, when it is destroyed.
// Not thread-safe; must not outlive the connection.
class SqliteStatement {
 public:
  SqliteStatement(SqliteStatement&&) = default;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  // Parameters count from 1. A failed Bind is reported by the next Step. Texts are copied.
  void Bind(int parameter, int64_t value);
  void Bind(int parameter, uint64_t value) { Bind(parameter, static_cast<int64_t>(value)); }
  void Bind(int parameter, int value) { Bind(parameter, static_cast<int64_t>(value)); }
  void Bind(int parameter, bool value) { Bind(parameter, static_cast<int64_t>(value)); }
  void Bind(int parameter, absl::string_view value);
  void Bind(int parameter, const std::string& value) { Bind(parameter, absl::string_view(value)); }
  void Bind(int parameter, const char* value) { Bind(parameter, absl::string_view(value)); }
  void Bind(int parameter, absl::CivilDay value);  // 'YYYY-MM-DD'
  void Bind(int parameter, Micros value);
  void Bind(int parameter, Instant value);
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void Bind(int parameter, Enum value) { Bind(parameter, Name(value)); }
  template <typename T>
  void Bind(int parameter, const std::optional<T>& value) {
    if (value.has_value()) {
      Bind(parameter, *value);
    } else {
      BindNull(parameter);
    }
  }
  void BindNull(int parameter);

  // True: a row is there. False: the end; the statement is reset, its bindings stay.
  absl::StatusOr<bool> Step();
  // For statements that give no rows.
  absl::Status Run();
  // Ends a walk over rows early; bindings stay.
  void Reset();

  // Columns count from 0.
  bool IsNull(int column) const { return sqlite3_column_type(raw(), column) == SQLITE_NULL; }
  int64_t Int(int column) const { return sqlite3_column_int64(raw(), column); }
  // Valid until the next Step.
  absl::string_view Text(int column) const;

  sqlite3_stmt* raw() const { return statement_.get(); }

 private:
  friend class SqliteDb;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  SqliteStatement(SqliteDb* db, std::string sql, sqlite3_stmt* statement)
      : db_(db), sql_(std::move(sql)), statement_(statement) {}
  void NoteBind(int code);

  SqliteDb* db_;
  std::string sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = SQLITE_OK;
};

// Reads the columns of a row from left to right into members of matching types. The first value that cannot be what the
// member needs (a damaged or edited file) is kept in status(); later ones are still read.
class SqliteRow {
 public:
  explicit SqliteRow(const SqliteStatement& statement) : statement_(statement) {}

  template <typename... T>
  void Read(T&&... members) {
    (Get(members), ...);
  }
  absl::Status status() const { return status_; }

 private:
  void Get(int64_t& value) { value = statement_.Int(next_++); }
  void Get(uint64_t& value) { value = static_cast<uint64_t>(statement_.Int(next_++)); }
  void Get(int& value) { value = static_cast<int>(statement_.Int(next_++)); }
  void Get(double& value) { value = sqlite3_column_double(statement_.raw(), next_++); }
  void Get(bool& value) { value = statement_.Int(next_++) != 0; }
  void Get(std::string& value) { value = std::string(statement_.Text(next_++)); }
  void Get(absl::CivilDay& value);
  void Get(absl::Time& value);  // of either form: what Micros or Instant wrote
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void Get(Enum& value) {
    const std::optional<Enum> known = FromName<Enum>(statement_.Text(next_));
    if (known.has_value()) {
      value = *known;
    } else {
      NoteBad();
    }
    ++next_;
  }
  template <typename T>
  void Get(std::optional<T>& value) {
    if (statement_.IsNull(next_)) {
      value.reset();
      ++next_;
    } else {
      Get(value.emplace());
    }
  }
  void NoteBad();

  const SqliteStatement& statement_;
  int next_ = 0;
  absl::Status status_;
};

// One connection. Not thread-safe: its owner lets one thread at a time use it.
class SqliteDb {
 public:
  // `flags` as of sqlite3_open_v2. Statements wait up to `busy_timeout` for locks of other programs.
  static absl::StatusOr<std::unique_ptr<SqliteDb>> Open(const std::string& path, int flags,
                                                        absl::Duration busy_timeout);
  ~SqliteDb();
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;

  // Runs statements separated by semicolons, without a cache; rows are thrown away.
  absl::Status Script(const char* sql);
  // A statement from the cache, with its parameters bound in order.
  template <typename... Args>
  absl::StatusOr<SqliteStatement> Query(absl::string_view sql, const Args&... args) {
    ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
    [[maybe_unused]] int parameter = 0;
    (statement.Bind(++parameter, args), ...);
    return statement;
  }
  // Runs a statement that gives no rows; returns how many rows it changed.
  template <typename... Args>
  absl::StatusOr<uint64_t> Execute(absl::string_view sql, const Args&... args) {
    ASSIGN_OR_RETURN(SqliteStatement statement, Query(sql, args...));
    RETURN_IF_ERROR(statement.Run());
    return static_cast<uint64_t>(sqlite3_changes64(handle_));
  }
  // The integer in the first column of the first row; 0 when there is no row.
  template <typename... Args>
  absl::StatusOr<int64_t> QueryInt(absl::string_view sql, const Args&... args) {
    ASSIGN_OR_RETURN(SqliteStatement statement, Query(sql, args...));
    ASSIGN_OR_RETURN(const bool found, statement.Step());
    return found ? statement.Int(0) : 0;
  }

  // UNAVAILABLE when the file was deleted, moved or replaced since it was opened: what is written now would be lost.
  absl::Status CheckInPlace() const;
  bool InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  // What the failure `code` of this connection means: RESOURCE_EXHAUSTED (disk full), UNAVAILABLE (locked, gone, read
  // error), DATA_LOSS (damaged), ALREADY_EXISTS (a key that is taken), INTERNAL (a mistake of ours).
  absl::Status Error(int code) const;
  sqlite3* handle() const { return handle_; }

 private:
  friend class SqliteStatement;
  SqliteDb(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  absl::StatusOr<SqliteStatement> Prepare(absl::string_view sql);

  const std::string path_;
  sqlite3* const handle_;
  absl::flat_hash_map<std::string, std::unique_ptr<sqlite3_stmt, SqliteStatement::Finalize>> idle_;
};

// Reads all rows of a query: `read(SqliteRow&)` makes one T of each.
template <typename T, typename Read>
absl::StatusOr<std::vector<T>> ReadAll(absl::StatusOr<SqliteStatement> statement, Read read) {
  RETURN_IF_ERROR(statement.status());
  std::vector<T> values;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, statement->Step());
    if (!found) return values;
    SqliteRow row(*statement);
    values.push_back(read(row));
    RETURN_IF_ERROR(row.status());
  }
}

// Reads the first row of a query, if there is one.
template <typename T, typename Read>
absl::StatusOr<std::optional<T>> ReadOne(absl::StatusOr<SqliteStatement> statement, Read read) {
  RETURN_IF_ERROR(statement.status());
  ASSIGN_OR_RETURN(const bool found, statement->Step());
  if (!found) return std::optional<T>();
  SqliteRow row(*statement);
  std::optional<T> value = read(row);
  RETURN_IF_ERROR(row.status());
  return value;
}

// `name` in double quotes, for tables and columns whose names come from outside.
std::string QuoteSql(absl::string_view name);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_DB_H_
