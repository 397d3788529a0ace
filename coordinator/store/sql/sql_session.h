// What the bookkeeping asks of a database: statements with bound parameters, and their rows. Each back end brings its
// own; the SQL itself is written once, in the words that SQLite and PostgreSQL share.
//
// Parameters are written ? (in order) or ?1, ?2 ... (by number). Two hints are for SQLite alone and dropped elsewhere:
// INDEXED BY, and a plus right before a column, which keeps SQLite from an index.
#ifndef TIKHAUL_COORDINATOR_STORE_SQL_SQL_SESSION_H_
#define TIKHAUL_COORDINATOR_STORE_SQL_SQL_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"

namespace tikhaul {

// An instant bound as microseconds since 1970; InfinitePast is null, InfiniteFuture the largest integer.
struct Micros {
  absl::Time time;
};
// An instant bound as 'YYYY-MM-DDTHH:MM:SSZ'; InfinitePast is null, InfiniteFuture the last second of year 9999.
struct Instant {
  absl::Time time;
};

// What is bound to a parameter: null, a number or a text.
using SqlValue = std::variant<std::monostate, int64_t, std::string>;

inline SqlValue ToSql(int64_t value) { return value; }
inline SqlValue ToSql(uint64_t value) { return static_cast<int64_t>(value); }
inline SqlValue ToSql(int value) { return static_cast<int64_t>(value); }
inline SqlValue ToSql(bool value) { return static_cast<int64_t>(value); }
inline SqlValue ToSql(absl::string_view value) { return std::string(value); }
inline SqlValue ToSql(const std::string& value) { return value; }
inline SqlValue ToSql(const char* value) { return std::string(value); }
SqlValue ToSql(absl::CivilDay value);  // 'YYYY-MM-DD'
SqlValue ToSql(Micros value);
SqlValue ToSql(Instant value);
template <typename Enum>
requires std::is_enum_v<Enum> SqlValue ToSql(Enum value) { return ToSql(Name(value)); }
template <typename T>
SqlValue ToSql(const std::optional<T>& value) {
  return value.has_value() ? ToSql(*value) : SqlValue();
}

// The rows of a query, one after the other. Not thread-safe; must not outlive the session.
class SqlRows {
 public:
  virtual ~SqlRows() = default;
  // True: a row is there. False: the end.
  virtual absl::StatusOr<bool> Step() = 0;
  // Columns of the row that is there, counted from 0. Text is valid until the next Step.
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int(int column) const = 0;
  virtual double Real(int column) const = 0;
  virtual absl::string_view Text(int column) const = 0;
  virtual absl::string_view ColumnName(int column) const = 0;
};

// Reads the columns of a row from left to right into members of matching types. The first value that cannot be what the
// member needs (a damaged or edited store) is kept in status(); later ones are still read.
class SqlRow {
 public:
  explicit SqlRow(const SqlRows& rows) : rows_(rows) {}

  template <typename... T>
  void Read(T&&... members) {
    (Get(members), ...);
  }
  absl::Status status() const { return status_; }

 private:
  void Get(int64_t& value) { value = rows_.Int(next_++); }
  void Get(uint64_t& value) { value = static_cast<uint64_t>(rows_.Int(next_++)); }
  void Get(int& value) { value = static_cast<int>(rows_.Int(next_++)); }
  void Get(double& value) { value = rows_.Real(next_++); }
  void Get(bool& value) { value = rows_.Int(next_++) != 0; }
  void Get(std::string& value) { value = std::string(rows_.Text(next_++)); }
  void Get(absl::CivilDay& value);
  void Get(absl::Time& value);  // of either form: what Micros or Instant wrote
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void Get(Enum& value) {
    const std::optional<Enum> known = FromName<Enum>(rows_.Text(next_));
    if (known.has_value()) {
      value = *known;
    } else {
      NoteBad();
    }
    ++next_;
  }
  template <typename T>
  void Get(std::optional<T>& value) {
    if (rows_.IsNull(next_)) {
      value.reset();
      ++next_;
    } else {
      Get(value.emplace());
    }
  }
  void NoteBad();

  const SqlRows& rows_;
  int next_ = 0;
  absl::Status status_;
};

// One connection inside an open transaction. Not thread-safe.
class SqlSession {
 public:
  virtual ~SqlSession() = default;

  // Begins a statement that only reads and gives rows.
  virtual absl::StatusOr<std::unique_ptr<SqlRows>> Select(absl::string_view sql, absl::Span<const SqlValue> values) = 0;
  // Runs a statement that changes, and may give rows (RETURNING).
  virtual absl::StatusOr<std::unique_ptr<SqlRows>> ChangeRows(absl::string_view sql,
                                                              absl::Span<const SqlValue> values) = 0;
  // Runs a statement that changes; returns how many rows it changed.
  virtual absl::StatusOr<uint64_t> Change(absl::string_view sql, absl::Span<const SqlValue> values) = 0;

  template <typename... Args>
  absl::StatusOr<std::unique_ptr<SqlRows>> Query(absl::string_view sql, const Args&... args) {
    return Select(sql, std::vector<SqlValue>{ToSql(args)...});
  }
  template <typename... Args>
  absl::StatusOr<uint64_t> Execute(absl::string_view sql, const Args&... args) {
    return Change(sql, std::vector<SqlValue>{ToSql(args)...});
  }
  // The integer in the first column of the first row; 0 when there is no row.
  template <typename... Args>
  absl::StatusOr<int64_t> QueryInt(absl::string_view sql, const Args&... args) {
    return FirstInt(Query(sql, args...));
  }
  // The same of a statement that changes.
  template <typename... Args>
  absl::StatusOr<int64_t> ExecuteInt(absl::string_view sql, const Args&... args) {
    return FirstInt(ChangeRows(sql, std::vector<SqlValue>{ToSql(args)...}));
  }

 private:
  static absl::StatusOr<int64_t> FirstInt(absl::StatusOr<std::unique_ptr<SqlRows>> rows);
};

// Reads all rows of a query: `read(SqlRow&)` makes one T of each.
template <typename T, typename Read>
absl::StatusOr<std::vector<T>> ReadAll(absl::StatusOr<std::unique_ptr<SqlRows>> rows, Read read) {
  RETURN_IF_ERROR(rows.status());
  std::vector<T> values;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, (*rows)->Step());
    if (!found) return values;
    SqlRow row(**rows);
    values.push_back(read(row));
    RETURN_IF_ERROR(row.status());
  }
}

// Reads the first row of a query, if there is one.
template <typename T, typename Read>
absl::StatusOr<std::optional<T>> ReadOne(absl::StatusOr<std::unique_ptr<SqlRows>> rows, Read read) {
  RETURN_IF_ERROR(rows.status());
  ASSIGN_OR_RETURN(const bool found, (*rows)->Step());
  if (!found) return std::optional<T>();
  SqlRow row(**rows);
  std::optional<T> value = read(row);
  RETURN_IF_ERROR(row.status());
  return value;
}

// `name` in double quotes, for tables and columns whose names come from outside.
std::string QuoteSql(absl::string_view name);

// "INSERT INTO table (keys, others) VALUES (?, ...) ON CONFLICT (keys) DO UPDATE SET ...": makes the row, or writes it
// over the one of the same keys. Parameters in the order of keys, others.
std::string PutSql(absl::string_view table, const std::vector<absl::string_view>& keys,
                   const std::vector<absl::string_view>& others);

// How many of `left` rows, at least one, the next statement is to take: of a few sizes, so that few statements are
// prepared.
size_t PieceOf(size_t left);
// "?, ?, ?": so many parameters.
std::string Marks(size_t count);

// For "LIMIT ?": ours for no limit is 0.
int64_t LimitValue(size_t limit);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQL_SQL_SESSION_H_
