#include "coordinator/store/postgres/pg_store.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "coordinator/store/postgres/pg_locks.h"

namespace tikhaul {
namespace {

constexpr int kTries = 6;
constexpr absl::Duration kOutcomeEvery = absl::Milliseconds(500);
// Longer than a server is away for a restart; after that the work is told to have failed, and finds out when it tries
// again.
constexpr absl::Duration kOutcomePatience = absl::Minutes(10);

}  // namespace

PgStore::PgStore(const PgOptions& options, std::string instance, std::unique_ptr<PgMembership> membership)
    : options_(options),
      instance_(std::move(instance)),
      place_(membership->place()),
      membership_(std::move(membership)),
      pool_(options, membership_->connection_name()) {}

std::string PgStore::Describe() const { return absl::StrCat(place_, ", schema ", options_.schema); }

absl::Status PgStore::Write(const std::function<absl::Status(StoreTransaction&)>& work) {
  return WriteRetrying(work, PgMode::kLocked);
}

absl::Status PgStore::WriteRows(const std::function<absl::Status(StoreTransaction&)>& work) {
  return WriteRetrying(work, PgMode::kLate);
}

absl::Status PgStore::WriteRetrying(const std::function<absl::Status(StoreTransaction&)>& work, PgMode mode) {
  absl::Status status;
  for (int tries = 1; tries <= kTries; ++tries) {
    bool again = false;
    status = WriteOnce(work, mode, &again);
    if (!again) return status;
    mode = PgMode::kLocked;  // from now on nobody else is in the way
  }
  return absl::UnavailableError(
      absl::StrCat(place_, ": a transaction lost against others ", kTries, " times: ", status.message()));
}

absl::Status PgStore::WriteOnce(const std::function<absl::Status(StoreTransaction&)>& work, PgMode mode, bool* again) {
  ASSIGN_OR_RETURN(PooledConnection connection, pool_.Take());
  PgConnection& db = *connection.db;
  const auto give_back = absl::MakeCleanup([&] {
    if (db.good() && db.InTransaction()) db.Run("ROLLBACK").status().IgnoreError();
    pool_.Return(std::move(connection));
  });
  db.SetConflict(false);
  absl::Status status = Begin(connection, mode);
  if (status.ok()) {
    PgSession session(db, options_, mode);
    PgTransaction transaction(session);
    status = work(transaction);
    if (status.ok() && !db.conflict()) return Commit(connection);
  }
  *again = db.conflict();
  return status;
}

absl::Status PgStore::Begin(PooledConnection& connection, PgMode mode) {
  PgConnection& db = *connection.db;
  if (connection.writer.empty()) {
    const std::string writer = RandomId();
    RETURN_IF_ERROR(
        db.RunPrepared("INSERT INTO tikhaul_commit (writer, serial) VALUES ($1, 0)", {ToSql(writer)}).status());
    connection.writer = writer;
  }
  ++connection.serial;
  // The membership is read after the fence was taken: as long as this transaction is open, nobody ends it.
  ASSIGN_OR_RETURN(
      PgResult member,
      db.Run(absl::StrCat("BEGIN; SELECT pg_advisory_xact_lock_shared(", membership_->FenceArguments(), "); ",
                          mode == PgMode::kLocked ? LockBookkeepingSql(options_) : "SELECT 1",
                          "; UPDATE tikhaul_commit SET opened_at = now(), serial = ", connection.serial,
                          " WHERE writer = ", PgLiteral(connection.writer), "; ", membership_->QuestionSql())));
  ASSIGN_OR_RETURN(const bool found, member.Step());
  return found ? absl::OkStatus() : Evicted(place_);
}

absl::Status PgStore::Commit(PooledConnection& connection) {
  const absl::StatusOr<PgResult> committed = connection.db->Run("COMMIT");
  if (!connection.db->good()) return FindOutcome(connection);
  RETURN_IF_ERROR(committed.status());
  // After a failed statement that `work` overlooked, COMMIT rolls back.
  if (committed->Tag() != "COMMIT") return absl::UnavailableError(absl::StrCat(place_, " gave up the transaction"));
  return absl::OkStatus();
}

absl::Status PgStore::FindOutcome(const PooledConnection& connection) {
  LogWarning("the connection was lost while a transaction was committed; asking whether it was",
             {{"store", Describe()}});
  absl::Duration waited;
  for (;;) {
    const absl::StatusOr<bool> committed = ReadOutcome(connection);
    if (committed.ok()) {
      LogInfo("the outcome of the transaction is known", {{"committed", *committed}});
      if (*committed) return absl::OkStatus();
      return absl::UnavailableError(absl::StrCat(place_, ": the connection was lost; nothing was committed"));
    }
    if (waited >= kOutcomePatience) {
      return absl::UnavailableError(absl::StrCat(
          place_,
          ": the connection was lost at the commit, and its outcome cannot be read: ", committed.status().message()));
    }
    tikhaul::SleepFor(kOutcomeEvery);
    waited += kOutcomeEvery;
  }
}

// The row is locked by the transaction in question as long as that is open: when it can be locked, the outcome stands.
absl::StatusOr<bool> PgStore::ReadOutcome(const PooledConnection& connection) {
  ASSIGN_OR_RETURN(const std::unique_ptr<PgConnection> db, pool_.Open());
  ASSIGN_OR_RETURN(PgResult serial, db->RunPrepared("SELECT serial FROM tikhaul_commit WHERE writer = $1 FOR UPDATE",
                                                    {ToSql(connection.writer)}));
  ASSIGN_OR_RETURN(const bool found, serial.Step());
  return found && serial.Int(0) == connection.serial;
}

absl::Status PgStore::Read(const std::function<absl::Status(StoreReader&)>& work) {
  ASSIGN_OR_RETURN(PooledConnection connection, pool_.Take());
  PgConnection& db = *connection.db;
  const auto give_back = absl::MakeCleanup([&] {
    if (db.good() && db.InTransaction()) db.Run("ROLLBACK").status().IgnoreError();
    pool_.Return(std::move(connection));
  });
  RETURN_IF_ERROR(db.Run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").status());
  PgSession session(db, options_, PgMode::kRead);
  PgReader reader(session);
  return work(reader);
}

}  // namespace tikhaul
