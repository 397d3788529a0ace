// The store in one SQLite file: one writer, readers beside it, one coordinator.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_STORE_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "coordinator/store/sqlite/file_lock.h"
#include "coordinator/store/sqlite/sqlite_db.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// "tkhl": marks a SQLite file as ours (PRAGMA application_id; `file` and sqlite3 show it).
inline constexpr int64_t kSqliteApplicationId = 0x746b686c;

struct SqliteOptions {
  // How long a statement waits for another program that holds the write lock.
  absl::Duration busy_timeout = absl::Seconds(5);
  std::string address = {};  // where others reach this coordinator
  bool passive = false;
  bool migrate = true;  // false: refuse a schema of an older tikhaul
};

// Write-ahead log with synchronous=FULL: what Write reported as committed survives loss of power. Every Write uses the
// one writing connection; every Read takes a connection of its own and sees the last commit before it, also while a
// Write runs. Read may be called inside Read; neither may be called inside Write.
class SqliteStore : public Store {
 public:
  // Takes over a migrated writing connection and the lock. Used by OpenSqliteStore.
  SqliteStore(std::string path, SqliteOptions options, std::string instance, Member self,
              std::unique_ptr<FileLock> lock, std::unique_ptr<SqliteDb> writer);

  absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) override;
  absl::Status Read(const std::function<absl::Status(StoreReader&)>& work) override;
  std::string Self() const override { return self_.id; }
  // The one member: the lock on the file keeps others out.
  absl::StatusOr<Roll> Renew() override;
  absl::StatusOr<bool> Evict(const std::string&) override { return false; }
  absl::Status Resign() override { return absl::OkStatus(); }
  std::string InstanceId() const override { return instance_; }
  std::string Describe() const override;

  // Lets the file grow to at most `pages` pages; beyond, writes fail as they do on a full disk. 0: no limit.
  absl::Status LimitPages(int64_t pages);

 private:
  // `*again`: it must be run again, carefully (SqliteTransaction), and left nothing behind.
  absl::Status WriteOnce(const std::function<absl::Status(StoreTransaction&)>& work, bool careful, bool* again);
  absl::StatusOr<std::unique_ptr<SqliteDb>> TakeReader() ABSL_LOCKS_EXCLUDED(readers_mu_);
  void ReturnReader(std::unique_ptr<SqliteDb> reader) ABSL_LOCKS_EXCLUDED(readers_mu_);

  const std::string path_;
  const SqliteOptions options_;
  const std::string instance_;
  const Member self_;
  const std::unique_ptr<FileLock> lock_;  // outlives the connections below

  Mutex writer_mu_;
  const std::unique_ptr<SqliteDb> writer_ ABSL_PT_GUARDED_BY(writer_mu_);
  Mutex readers_mu_;
  std::vector<std::unique_ptr<SqliteDb>> idle_readers_ ABSL_GUARDED_BY(readers_mu_);
};

// Opens or makes the file at `path`, whose folder must exist. Errors: see OpenStore.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const SqliteOptions& options = {});

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_SQLITE_STORE_H_
