// The connections of a store, handed out one user at a time.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_POOL_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_POOL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "coordinator/store/postgres/pg_connection.h"

namespace tikhaul {

// A connection, and the name and number under which its transactions leave a trace in tikhaul_commit.
struct PooledConnection {
  std::unique_ptr<PgConnection> db;
  std::string writer;  // empty: has never written
  int64_t serial = 0;  // of its newest transaction that writes
};

// Thread-safe. A thread that holds a connection gets another one at once, beyond the size of the pool, so that reading
// inside reading cannot lock itself out.
class PgPool {
 public:
  PgPool(PgOptions options, std::string name) : options_(std::move(options)), name_(std::move(name)) {}

  // Waits for a free one when all are taken. UNAVAILABLE when the server cannot be reached.
  absl::StatusOr<PooledConnection> Take() ABSL_LOCKS_EXCLUDED(mu_);
  // Keeps it for the next user when it is good and outside a transaction.
  void Return(PooledConnection connection) ABSL_LOCKS_EXCLUDED(mu_);
  // A new one that is not counted, for questions that cannot wait.
  absl::StatusOr<std::unique_ptr<PgConnection>> Open() const { return PgConnection::Open(options_, name_); }

 private:
  const PgOptions options_;
  const std::string name_;
  Mutex mu_;
  CondVar freed_;
  int taken_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<PooledConnection> idle_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_POOL_H_
