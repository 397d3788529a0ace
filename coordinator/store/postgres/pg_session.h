// What a Read or Write of the PostgreSQL store is given: the bookkeeping of coordinator/store/sql over one connection
// inside its open transaction, and the row tables: pg_tables.cc (their schemas), pg_rows.cc (settling),
// pg_fill.cc (filling columns) and pg_sums.cc (adding up).
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_SESSION_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_SESSION_H_

#include <memory>
#include <string>
#include <vector>

#include "coordinator/store/postgres/pg_connection.h"
#include "coordinator/store/sql/sql_store.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// How a transaction keeps from others. The bookkeeping of writers is one at a time, by an advisory lock:
//   kRead    reads one snapshot; no lock;
//   kLocked  holds the lock from its beginning;
//   kLate    takes it at its first change of the bookkeeping. What it read before is read again then; when that has
//            changed, the transaction is in conflict and must be run again. So rows are settled beside other writers.
enum class PgMode { kRead, kLocked, kLate };

// The statements that take the lock on the bookkeeping, until the transaction ends. They wait as long as it takes:
// those who hold it are writers of ours.
std::string LockBookkeepingSql(const PgOptions& options);

// Not thread-safe. Borrows connection and options.
class PgSession final : public SqlSession {
 public:
  PgSession(PgConnection& db, const PgOptions& options, PgMode mode)
      : db_(db), options_(options), locked_(mode != PgMode::kLate) {}

  absl::StatusOr<std::unique_ptr<SqlRows>> Select(absl::string_view sql, absl::Span<const SqlValue> values) override;
  absl::StatusOr<std::unique_ptr<SqlRows>> ChangeRows(absl::string_view sql,
                                                      absl::Span<const SqlValue> values) override;
  absl::StatusOr<uint64_t> Change(absl::string_view sql, absl::Span<const SqlValue> values) override;

  // Takes the lock, if it is not held yet. ABORTED when something that was read has changed.
  absl::Status Lock();
  bool locked() const { return locked_; }

  // For statements on row tables, which need no lock: a chunk owns its window.
  PgConnection& db() { return db_; }
  // The name of a table in the schema, for SQL.
  std::string Table(absl::string_view name) const { return QuoteSql(schema()) + "." + QuoteSql(name); }
  const std::string& schema() const { return options_.schema; }

 private:
  struct Reading {
    std::string sql;
    std::vector<SqlValue> values;
    uint64_t fingerprint = 0;
  };
  PgConnection& db_;
  const PgOptions& options_;
  bool locked_;
  std::vector<Reading> read_;  // before the lock
};

class PgReader : public SqlReader {
 public:
  explicit PgReader(PgSession& session) : SqlReader(session), session_(session) {}

  absl::Status SumRows(const SumRequest& request, absl::FunctionRef<absl::Status(const RowSums&)> take) override;
  absl::StatusOr<ObjectCounts> CountObjects(const TableSchema& table, const std::string& advertiser,
                                            absl::Time created_until) override;
  absl::StatusOr<std::vector<std::string>> ListUnknownIds(const std::string& table, const std::string& objects,
                                                          const std::string& id_column, const std::string& advertiser,
                                                          size_t limit) override;

 protected:
  PgSession& session_;
};

class PgTransaction final : public PgReader, public SqlWriter {
 public:
  explicit PgTransaction(PgSession& session) : PgReader(session), SqlWriter(session) {}

  absl::Status EnsureTable(const TableSchema& table) override;
  absl::StatusOr<SettleCounts> SettleRows(const SettleRequest& request, RowSource& rows) override;
  absl::StatusOr<FillCounts> FillRows(const FillRequest& request, RowSource& rows) override;
  absl::Status SetFinality(const TableSchema& table, const RowScope& scope, Finality finality) override;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_SESSION_H_
