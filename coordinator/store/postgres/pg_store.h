// The store in a schema of a PostgreSQL database: several coordinators, each with several writers at once.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_STORE_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_STORE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/postgres/pg_membership.h"
#include "coordinator/store/postgres/pg_pool.h"
#include "coordinator/store/postgres/pg_session.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Every transaction that writes checks the membership (PgMembership) and leaves its number in tikhaul_commit: when the
// answer to a COMMIT is lost, a new connection reads there whether it took place. Transactions that lose against others
// are run again. Read may be called inside Read and Write.
class PgStore : public Store {
 public:
  // On a migrated schema. Used by OpenPgStore.
  PgStore(const PgOptions& options, std::string instance, std::unique_ptr<PgMembership> membership);

  absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) override;
  absl::Status WriteRows(const std::function<absl::Status(StoreTransaction&)>& work) override;
  absl::Status Read(const std::function<absl::Status(StoreReader&)>& work) override;
  std::string Self() const override { return membership_->id(); }
  absl::StatusOr<Roll> Renew() override { return membership_->Renew(); }
  absl::StatusOr<bool> Evict(const std::string& member) override { return membership_->Evict(member); }
  absl::Status Resign() override { return membership_->Resign(); }
  std::string InstanceId() const override { return instance_; }
  std::string Describe() const override;

 private:
  // One try. `*again`: it lost against another transaction and left nothing behind.
  absl::Status WriteOnce(const std::function<absl::Status(StoreTransaction&)>& work, PgMode mode, bool* again);
  absl::Status WriteRetrying(const std::function<absl::Status(StoreTransaction&)>& work, PgMode mode);
  absl::Status Begin(PooledConnection& connection, PgMode mode);
  absl::Status Commit(PooledConnection& connection);
  // After a connection was lost while it committed: OK when it did.
  absl::Status FindOutcome(const PooledConnection& connection);
  absl::StatusOr<bool> ReadOutcome(const PooledConnection& connection);

  const PgOptions options_;
  const std::string instance_;
  const std::string place_;
  const std::unique_ptr<PgMembership> membership_;
  PgPool pool_;
};

// Opens the schema, or makes it. Errors: see OpenStore.
absl::StatusOr<std::unique_ptr<Store>> OpenPgStore(const PgOptions& options);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_STORE_H_
