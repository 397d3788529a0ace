// Bulk loads into a new SQLite file.
#ifndef TIKHAUL_SIMULATOR_SQLITE_WRITER_H_
#define TIKHAUL_SIMULATOR_SQLITE_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tikhaul::simulator {

struct TruthColumn {
  std::string name;
  absl::string_view type;  // "TEXT", "INTEGER", "REAL"
};

// One file, one transaction until Finish(). Not thread-safe.
class SqliteWriter {
 public:
  // Replaces `file`.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Create(const std::string& file);
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  absl::Status BeginTable(const std::string& table, const std::vector<TruthColumn>& columns);
  // The next cell of the row; columns in order. Unset cells are NULL.
  void Text(absl::string_view value);
  void Integer(int64_t value);
  void Real(double value);
  void Null();
  absl::Status EndRow();
  absl::Status Finish();

 private:
  explicit SqliteWriter(sqlite3* db) : db_(db) {}
  absl::Status Execute(const std::string& sql);
  absl::Status Failure(absl::string_view what) const;

  sqlite3* db_;
  sqlite3_stmt* insert_ = nullptr;
  int next_ = 1;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_SQLITE_WRITER_H_
