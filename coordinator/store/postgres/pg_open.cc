// Reaching, judging and preparing the schema; the running store is in pg_store.cc.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/process.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/postgres/pg_locks.h"
#include "coordinator/store/postgres/pg_store.h"

namespace tikhaul {
namespace {

absl::StatusOr<bool> Exists(PgConnection& db, const std::string& sql, const std::string& name) {
  ASSIGN_OR_RETURN(PgResult rows, db.RunPrepared(sql, {ToSql(name)}));
  return rows.Step();
}

absl::Status EnsureSchema(PgConnection& db, const PgOptions& options) {
  ASSIGN_OR_RETURN(const bool there, Exists(db, "SELECT 1 FROM pg_namespace WHERE nspname = $1", options.schema));
  if (there) return absl::OkStatus();
  const absl::Status made = db.Run(absl::StrCat("CREATE SCHEMA ", QuoteSql(options.schema))).status();
  if (!absl::IsPermissionDenied(made)) return made;
  return absl::FailedPreconditionError(
      absl::StrCat("schema ", options.schema, " is not in ", db.place(),
                   ", and this user may not make it; let its owner run: CREATE SCHEMA ", QuoteSql(options.schema),
                   " AUTHORIZATION <user>"));
}

// The version of the schema: 0 when it is new. FAILED_PRECONDITION when it is not ours to write.
absl::StatusOr<int64_t> JudgeSchema(PgConnection& db, const PgOptions& options) {
  ASSIGN_OR_RETURN(const bool there,
                   Exists(db,
                          "SELECT 1 FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE relname = "
                          "'tikhaul_meta' AND nspname = $1",
                          options.schema));
  if (!there) return 0;
  ASSIGN_OR_RETURN(PgResult row, db.Run("SELECT value FROM tikhaul_meta WHERE name = 'schema_version'"));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return absl::DataLossError("the store has lost its version: restore it from a backup");
  return row.Int(0);
}

absl::Status Migrate(PgConnection& db, const PgOptions& options, int64_t version) {
  const std::vector<const char*>& migrations = PostgresMigrations();
  RETURN_IF_ERROR(CheckVersion(absl::StrCat("schema ", options.schema, " of ", db.place()), version,
                               static_cast<int64_t>(migrations.size()), options.migrate));
  for (; version < static_cast<int64_t>(migrations.size()); ++version) {
    absl::Status status = db.Run("BEGIN").status();
    if (status.ok()) status = db.Run(migrations[version]).status();
    if (status.ok() && version == 0) {
      status = db.Run(absl::StrCat("INSERT INTO tikhaul_meta (name, value) VALUES ('instance', ", PgLiteral(RandomId()),
                                   ")"))
                   .status();
    }
    if (status.ok()) {
      status = db.Run(absl::StrCat("INSERT INTO tikhaul_meta (name, value) VALUES ('schema_version', '", version + 1,
                                   "') ON CONFLICT (name) DO UPDATE SET value = excluded.value; COMMIT"))
                   .status();
    }
    if (!status.ok()) {
      if (db.good() && db.InTransaction()) db.Run("ROLLBACK").status().IgnoreError();
      return Annotate(status, absl::StrCat("cannot bring the store to schema ", version + 1));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadInstance(PgConnection& db) {
  ASSIGN_OR_RETURN(PgResult row, db.Run("SELECT value FROM tikhaul_meta WHERE name = 'instance'"));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return absl::DataLossError("the store has lost its instance id: restore it from a backup");
  return std::string(row.Text(0));
}

absl::StatusOr<std::unique_ptr<Store>> Open(const PgOptions& options) {
  auto membership = std::make_unique<PgMembership>(options);
  ASSIGN_OR_RETURN(const std::unique_ptr<PgConnection> db, PgConnection::Open(options, membership->connection_name()));
  // Coordinators that start together prepare the schema one after the other.
  RETURN_IF_ERROR(
      db->Run(absl::StrCat("SELECT pg_advisory_lock(", LockArguments(PgLock::kMigrate, options.schema), ")")).status());
  RETURN_IF_ERROR(EnsureSchema(*db, options));
  ASSIGN_OR_RETURN(const int64_t version, JudgeSchema(*db, options));
  RETURN_IF_ERROR(Migrate(*db, options, version));
  ASSIGN_OR_RETURN(std::string instance, ReadInstance(*db));
  RETURN_IF_ERROR(membership->Renew().status());
  return std::make_unique<PgStore>(options, std::move(instance), std::move(membership));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenPgStore(const PgOptions& options) {
  absl::StatusOr<std::unique_ptr<Store>> store = Open(options);
  if (!absl::IsPermissionDenied(store.status())) return store;
  return absl::FailedPreconditionError(store.status().message());
}

}  // namespace tikhaul
