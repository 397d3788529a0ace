// One coordinator per store: a lock of a session of its own keeps others out, and a growing term ends the writing of
// one that has lost the lock without knowing.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_HOLD_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_HOLD_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "coordinator/store/postgres/pg_connection.h"

namespace tikhaul {

// Held from Take until destruction, or until the server ends the session. Thread-safe.
class PgHold {
 public:
  // FAILED_PRECONDITION, naming the holder, when another coordinator has the store.
  static absl::StatusOr<std::unique_ptr<PgHold>> Take(const PgOptions& options, const std::string& name);

  // Begins a new term, in the schema, which is there by now: what older terms have not committed, they never will.
  absl::Status BeginTerm();
  int64_t term() const { return term_; }

  // Takes the lock again when the session has ended. UNAVAILABLE when that cannot be, or when another coordinator has
  // taken the store over meanwhile; the latter stays so.
  absl::Status Check() ABSL_LOCKS_EXCLUDED(mu_);

  // The session itself, for preparing the store before anybody else uses it.
  PgConnection& db() ABSL_NO_THREAD_SAFETY_ANALYSIS { return *db_; }

 private:
  PgHold(PgOptions options, std::string name, std::unique_ptr<PgConnection> db)
      : options_(std::move(options)), name_(std::move(name)), place_(db->place()), db_(std::move(db)) {}

  const PgOptions options_;
  const std::string name_, place_;
  int64_t term_ = 0;  // set once, before there are threads
  Mutex mu_;
  std::unique_ptr<PgConnection> db_ ABSL_GUARDED_BY(mu_);
  bool lost_ ABSL_GUARDED_BY(mu_) = false;
};

// What a transaction of a term that is no longer the newest is told.
absl::Status TakenOver(const std::string& place);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_HOLD_H_
