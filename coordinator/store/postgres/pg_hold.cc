#include "coordinator/store/postgres/pg_hold.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/process.h"
#include "coordinator/store/postgres/pg_locks.h"

namespace tikhaul {
namespace {

// A coordinator that was killed a moment ago leaves its session to the server to clear away.
constexpr int kTries = 30;
constexpr absl::Duration kTryEvery = absl::Milliseconds(100);

absl::StatusOr<bool> TryLock(PgConnection& db, const std::string& schema) {
  ASSIGN_OR_RETURN(PgResult got, db.Run(absl::StrCat("SELECT pg_try_advisory_lock(",
                                                     LockArguments(PgLock::kHold, schema), ")::int")));
  RETURN_IF_ERROR(got.Step().status());
  return got.Int(0) == 1;
}

absl::StatusOr<std::string> HolderOf(PgConnection& db, const std::string& schema) {
  ASSIGN_OR_RETURN(
      PgResult holder,
      db.RunPrepared("SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = "
                     "'advisory' AND granted AND (classid::int8, objid::int8) = ($1, $2) LIMIT 1",
                     {ToSql(static_cast<int64_t>(PgLock::kHold)),
                      ToSql(static_cast<int64_t>(static_cast<uint32_t>(StableHash(schema))))}));
  ASSIGN_OR_RETURN(const bool found, holder.Step());
  return found ? std::string(holder.Text(0)) : std::string("unknown");
}

absl::Status LockPatiently(PgConnection& db, const std::string& schema) {
  for (int tries = 1;; ++tries) {
    ASSIGN_OR_RETURN(const bool locked, TryLock(db, schema));
    if (locked) return absl::OkStatus();
    if (tries == kTries) break;
    tikhaul::SleepFor(kTryEvery);
  }
  ASSIGN_OR_RETURN(const std::string holder, HolderOf(db, schema));
  return absl::FailedPreconditionError(absl::StrCat("another coordinator (", holder, ") holds schema ", schema, " of ",
                                                    db.place(), "; stop it first, or give this one another schema"));
}

}  // namespace

absl::Status TakenOver(const std::string& place) {
  return absl::UnavailableError(
      absl::StrCat(place, ": another coordinator has taken the store over; stop this one, which writes no more"));
}

absl::StatusOr<std::unique_ptr<PgHold>> PgHold::Take(const PgOptions& options, const std::string& name) {
  ASSIGN_OR_RETURN(std::unique_ptr<PgConnection> db, PgConnection::Open(options, name));
  RETURN_IF_ERROR(LockPatiently(*db, options.schema));
  return std::unique_ptr<PgHold>(new PgHold(options, name, std::move(db)));
}

absl::Status PgHold::BeginTerm() {
  PgConnection& session = db();
  // Alone on the fence: no transaction of an older term is open, and later ones see the new term.
  RETURN_IF_ERROR(session
                      .Run(absl::StrCat("BEGIN; SELECT pg_advisory_xact_lock(",
                                        LockArguments(PgLock::kFence, options_.schema), ")"))
                      .status());
  ASSIGN_OR_RETURN(
      PgResult term,
      session.RunPrepared("UPDATE tikhaul_leader SET term = term + 1, holder = $1 RETURNING term", {ToSql(name_)}));
  ASSIGN_OR_RETURN(const bool found, term.Step());
  if (!found) return absl::DataLossError("tikhaul_leader is empty: restore the store from a backup");
  term_ = term.Int(0);
  return session.Run("DELETE FROM tikhaul_commit WHERE opened_at < now() - interval '7 days'; COMMIT").status();
}

absl::Status PgHold::Check() {
  MutexLock lock(mu_);
  if (lost_) return TakenOver(place_);
  if (db_ != nullptr && db_->StillThere()) return absl::OkStatus();
  db_ = nullptr;  // ends what may be left of the session, and its lock with it
  ASSIGN_OR_RETURN(std::unique_ptr<PgConnection> db, PgConnection::Open(options_, name_));
  ASSIGN_OR_RETURN(PgResult term, db->Run("SELECT term FROM tikhaul_leader"));
  ASSIGN_OR_RETURN(const bool found, term.Step());
  lost_ = !found || term.Int(0) != term_;
  if (lost_) return TakenOver(place_);
  RETURN_IF_ERROR(LockPatiently(*db, options_.schema));
  db_ = std::move(db);
  return absl::OkStatus();
}

}  // namespace tikhaul
