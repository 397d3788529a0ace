// Finding, judging and preparing the file; the running store is in sqlite_store.cc.
#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/process.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/sqlite/sqlite_rows.h"
#include "coordinator/store/sqlite/sqlite_store.h"

namespace tikhaul {
namespace {

// The file behind links, so that one file has one lock whatever it is called.
absl::StatusOr<std::string> RealPath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("store ", path, ": ", error.message()));
  if (std::filesystem::is_directory(absolute, error)) {
    return absl::FailedPreconditionError(absl::StrCat("store ", path, " is a folder; name a file in it"));
  }
  if (!std::filesystem::is_directory(absolute.parent_path(), error)) {
    return absl::FailedPreconditionError(absl::StrCat("folder ", absolute.parent_path().string(),
                                                      " does not exist; make it, or name another place for the store"));
  }
  const std::filesystem::path real = std::filesystem::weakly_canonical(absolute, error);
  return error ? absolute.string() : real.string();
}

// The schema version of the file: 0 when it is new. FAILED_PRECONDITION when it is not ours to write.
absl::StatusOr<int64_t> JudgeFile(SqliteDb& db, const std::string& path) {
  constexpr absl::string_view kMend = "; name another file for the store";
  const absl::StatusOr<int64_t> objects = db.QueryInt("SELECT count(*) FROM sqlite_master");
  if (absl::IsDataLoss(objects.status())) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a SQLite file, or is damaged", kMend));
  }
  RETURN_IF_ERROR(objects.status());
  ASSIGN_OR_RETURN(const int64_t application, db.QueryInt("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t version, db.QueryInt("PRAGMA user_version"));
  if (application == 0 && version == 0 && *objects == 0) return 0;
  if (application != kSqliteApplicationId) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is the SQLite file of another program", kMend));
  }
  return version;
}

absl::Status Configure(SqliteDb& db, const std::string& path) {
  ASSIGN_OR_RETURN(SqliteStatement mode, db.Statement("PRAGMA journal_mode = WAL"));
  ASSIGN_OR_RETURN(const bool found, mode.Step());
  if (!found || mode.Text(0) != "wal") {
    return absl::FailedPreconditionError(absl::StrCat(
        "the file system of ", path, " cannot hold SQLite's write-ahead log; put the store on a local disk"));
  }
  mode.Reset();
  // The cache holds the leaves that one chunk touches; the log is cut back after a big one.
  return db.Script(
      "PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; "
      "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864");
}

absl::Status Migrate(SqliteDb& db, int64_t version) {
  const auto& migrations = SqliteMigrations();
  for (; version < static_cast<int64_t>(migrations.size()); ++version) {
    absl::Status status = db.Script("BEGIN IMMEDIATE");
    if (status.ok()) status = db.Script(migrations[version]);
    if (status.ok() && version == 0) {
      status = db.Execute("INSERT INTO tikhaul_meta (name, value) VALUES ('instance', ?)", RandomId()).status();
    }
    if (status.ok()) {
      status = db.Script(absl::StrCat("PRAGMA application_id = ", kSqliteApplicationId,
                                      "; PRAGMA user_version = ", version + 1, "; COMMIT")
                             .c_str());
    }
    if (!status.ok()) {
      if (db.InTransaction()) db.Script("ROLLBACK").IgnoreError();
      return Annotate(status, absl::StrCat("cannot bring the store to schema ", version + 1));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadInstance(SqliteDb& db) {
  ASSIGN_OR_RETURN(SqliteStatement statement, db.Statement("SELECT value FROM tikhaul_meta WHERE name = 'instance'"));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found) return absl::DataLossError("the store has lost its instance id: restore it from a backup");
  return std::string(statement.Text(0));
}

// Whoever was here before is gone: the lock is ours.
absl::StatusOr<Member> Join(SqliteDb& db, const SqliteOptions& options) {
  Member self{.id = RandomId(), .term = 0, .address = options.address, .passive = options.passive};
  RETURN_IF_ERROR(
      db.Script("BEGIN IMMEDIATE; UPDATE tikhaul_term SET term = term + 1; DELETE FROM tikhaul_member; "
                "UPDATE tikhaul_seat SET term = term + 1, member = '' WHERE member <> ''"));
  ASSIGN_OR_RETURN(self.term, db.QueryInt("SELECT term FROM tikhaul_term"));
  RETURN_IF_ERROR(db.Execute("INSERT INTO tikhaul_member (id, term, address, passive) VALUES (?, ?, ?, ?)", self.id,
                             self.term, self.address, self.passive)
                      .status());
  RETURN_IF_ERROR(db.Script("COMMIT"));
  return self;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const SqliteOptions& options) {
  ASSIGN_OR_RETURN(const std::string file, RealPath(path));
  ASSIGN_OR_RETURN(std::unique_ptr<FileLock> lock, FileLock::Take(absl::StrCat(file, ".lock"), file));
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> writer,
                   SqliteDb::Open(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options.busy_timeout));
  ASSIGN_OR_RETURN(const int64_t version, JudgeFile(*writer, file));
  RETURN_IF_ERROR(CheckVersion(file, version, static_cast<int64_t>(SqliteMigrations().size()), options.migrate));
  RETURN_IF_ERROR(Configure(*writer, file));
  RETURN_IF_ERROR(Migrate(*writer, version));
  RETURN_IF_ERROR(RegisterRowFunctions(*writer));
  ASSIGN_OR_RETURN(std::string instance, ReadInstance(*writer));
  ASSIGN_OR_RETURN(Member self, Join(*writer, options));
  return std::make_unique<SqliteStore>(file, options, std::move(instance), std::move(self), std::move(lock),
                                       std::move(writer));
}

}  // namespace tikhaul
