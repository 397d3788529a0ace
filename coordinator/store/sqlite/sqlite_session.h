// What a Read or Write of the SQLite store is given: the bookkeeping of coordinator/store/sql over one connection
// inside its open transaction, and the row tables: sqlite_tables.cc (their schemas), sqlite_rows.cc (settling),
// sqlite_fill.cc (filling columns) and sqlite_sums.cc (adding up).
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_SESSION_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_SESSION_H_

#include <string>
#include <vector>

#include "coordinator/store/sql/sql_store.h"
#include "coordinator/store/sqlite/sqlite_db.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Not thread-safe. Borrows the connection, which must be inside a transaction as long as the session lives.
class SqliteReader : public SqlReader {
 public:
  explicit SqliteReader(SqliteDb& db) : SqlReader(db), db_(db) {}

  absl::Status SumRows(const SumRequest& request, absl::FunctionRef<absl::Status(const RowSums&)> take) override;
  absl::StatusOr<ObjectCounts> CountObjects(const TableSchema& table, const std::string& advertiser,
                                            absl::Time created_until) override;
  absl::StatusOr<std::vector<std::string>> ListUnknownIds(const std::string& table, const std::string& objects,
                                                          const std::string& id_column, const std::string& advertiser,
                                                          size_t limit) override;

 protected:
  SqliteDb& db_;
};

class SqliteTransaction final : public SqliteReader, public SqlWriter {
 public:
  // Rows go into an empty scope without keeping their keys in mind, unless `careful`.
  SqliteTransaction(SqliteDb& db, bool careful) : SqliteReader(db), SqlWriter(db), careful_(careful) {}
  // A key came twice, so all must be done again, carefully.
  bool too_careless() const { return too_careless_; }

  absl::Status EnsureTable(const TableSchema& table) override;
  absl::StatusOr<SettleCounts> SettleRows(const SettleRequest& request, RowSource& rows) override;
  absl::StatusOr<FillCounts> FillRows(const FillRequest& request, RowSource& rows) override;
  absl::Status SetFinality(const TableSchema& table, const RowScope& scope, Finality finality) override;

 private:
  using SqliteReader::db_;  // SqlWriter knows the same connection as a session
  absl::Status EnsureOneTable(const TableSchema& table);

  const bool careful_;
  bool too_careless_ = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_SESSION_H_
