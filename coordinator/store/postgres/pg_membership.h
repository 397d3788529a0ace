// This coordinator as one of those that share a schema: a row that must be renewed, and the fence that keeps whoever
// was evicted from writing (queue-notes.md 2.11).
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_MEMBERSHIP_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_MEMBERSHIP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/model/member.h"
#include "coordinator/store/postgres/pg_connection.h"

namespace tikhaul {

// Thread-safe. Has a connection of its own, so that no load of data keeps it from being renewed.
class PgMembership {
 public:
  // A member from the first Renew() on.
  explicit PgMembership(const PgOptions& options);

  const std::string& id() const { return id_; }
  // "database ads at db.example.com:5432", once it was reached.
  std::string place() const ABSL_LOCKS_EXCLUDED(mu_);
  // Under which the server lists the connections of this coordinator: whoever evicts it ends them by it.
  const std::string& connection_name() const { return connection_name_; }

  // Store::Renew, Evict, Resign.
  absl::StatusOr<Roll> Renew() ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<bool> Evict(const std::string& member);
  absl::Status Resign() ABSL_LOCKS_EXCLUDED(mu_);

  // For a transaction that writes: the lock it shares first, and the question, which gives a row as long as this
  // coordinator is a member of its present term.
  const std::string& FenceArguments() const { return fence_; }
  std::string QuestionSql() const;

 private:
  absl::Status Reach() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status RenewRow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Join() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<Roll> ReadRoll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::string FenceOf(const std::string& member) const;
  absl::Status TakeFence(PgConnection& db, const std::string& member, absl::Duration patience);

  const PgOptions options_;
  const std::string id_;
  const std::string connection_name_;
  const std::string fence_;
  std::atomic<int64_t> term_{0};  // 0: has not joined yet
  mutable Mutex mu_;
  std::unique_ptr<PgConnection> db_ ABSL_GUARDED_BY(mu_);
  std::string place_ ABSL_GUARDED_BY(mu_);
};

// What a transaction of a member that was evicted is told.
absl::Status Evicted(const std::string& place);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_MEMBERSHIP_H_
