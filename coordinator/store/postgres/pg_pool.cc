#include "coordinator/store/postgres/pg_pool.h"

#include <utility>

namespace tikhaul {
namespace {

// Of any pool: connections that this thread holds.
thread_local int held = 0;

}  // namespace

absl::StatusOr<PooledConnection> PgPool::Take() {
  PooledConnection connection;
  {
    MutexLock lock(mu_);
    while (taken_ >= options_.connections && held == 0) freed_.Wait(mu_);
    ++taken_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  ++held;
  if (connection.db != nullptr && connection.db->StillThere()) return connection;
  absl::StatusOr<std::unique_ptr<PgConnection>> opened = Open();
  if (!opened.ok()) {
    Return({});
    return opened.status();
  }
  return PooledConnection{.db = *std::move(opened), .writer = {}};
}

void PgPool::Return(PooledConnection connection) {
  --held;
  const bool keep = connection.db != nullptr && connection.db->good() && !connection.db->InTransaction();
  if (!keep) connection.db.reset();  // ends it, outside the lock
  MutexLock lock(mu_);
  --taken_;
  if (keep && static_cast<int>(idle_.size()) < options_.connections) idle_.push_back(std::move(connection));
  freed_.Signal();
}

}  // namespace tikhaul
