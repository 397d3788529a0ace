// The one home of the SQLite library: connections, statements, and what its errors mean to us.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_DB_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_DB_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "coordinator/store/sql/sql_session.h"

namespace tikhaul {

class SqliteDb;

// A prepared statement taken from its connection's cache; goes back, reset and without bindings, when it is destroyed.
// Not thread-safe; must not outlive the connection.
class SqliteStatement final : public SqlRows {
 public:
  SqliteStatement(SqliteStatement&&) = default;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement() override;

  // Parameters count from 1. A failed Bind is reported by the next Step. Texts are copied.
  void Bind(int parameter, int64_t value);
  void Bind(int parameter, absl::string_view value);
  void Bind(int parameter, const std::string& value) { Bind(parameter, absl::string_view(value)); }
  void Bind(int parameter, const SqlValue& value);
  void BindNull(int parameter);

  // True: a row is there. False: the end; the statement is reset, its bindings stay.
  absl::StatusOr<bool> Step() override;
  // For statements that give no rows.
  absl::Status Run();
  // Ends a walk over rows early; bindings stay.
  void Reset();

  // Columns count from 0.
  bool IsNull(int column) const override { return sqlite3_column_type(raw(), column) == SQLITE_NULL; }
  int64_t Int(int column) const override { return sqlite3_column_int64(raw(), column); }
  double Real(int column) const override { return sqlite3_column_double(raw(), column); }
  absl::string_view Text(int column) const override;
  absl::string_view ColumnName(int column) const override { return sqlite3_column_name(raw(), column); }

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

// One connection. Not thread-safe: its owner lets one thread at a time use it.
class SqliteDb : public SqlSession {
 public:
  // `flags` as of sqlite3_open_v2. Statements wait up to `busy_timeout` for locks of other programs.
  static absl::StatusOr<std::unique_ptr<SqliteDb>> Open(const std::string& path, int flags,
                                                        absl::Duration busy_timeout);
  ~SqliteDb() override;
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;

  // Runs statements separated by semicolons, without a cache; rows are thrown away.
  absl::Status Script(const char* sql);
  // A statement from the cache, with its parameters bound in order.
  template <typename... Args>
  absl::StatusOr<SqliteStatement> Statement(absl::string_view sql, const Args&... args) {
    return Bound(sql, std::vector<SqlValue>{ToSql(args)...});
  }

  absl::StatusOr<std::unique_ptr<SqlRows>> Select(absl::string_view sql, absl::Span<const SqlValue> values) override;
  absl::StatusOr<std::unique_ptr<SqlRows>> ChangeRows(absl::string_view sql,
                                                      absl::Span<const SqlValue> values) override;
  absl::StatusOr<uint64_t> Change(absl::string_view sql, absl::Span<const SqlValue> values) override;

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
  absl::StatusOr<SqliteStatement> Bound(absl::string_view sql, absl::Span<const SqlValue> values);

  const std::string path_;
  sqlite3* const handle_;
  absl::flat_hash_map<std::string, std::unique_ptr<sqlite3_stmt, SqliteStatement::Finalize>> idle_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_DB_H_
