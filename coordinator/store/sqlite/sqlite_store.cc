#include "coordinator/store/sqlite/sqlite_store.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/sqlite_session.h"

namespace tikhaul {
namespace {

constexpr size_t kIdleReaders = 4;

}  // namespace

SqliteStore::SqliteStore(std::string path, SqliteOptions options, std::string instance, Member self,
                         std::unique_ptr<FileLock> lock, std::unique_ptr<SqliteDb> writer)
    : path_(std::move(path)),
      options_(std::move(options)),
      instance_(std::move(instance)),
      self_(std::move(self)),
      lock_(std::move(lock)),
      writer_(std::move(writer)) {}

absl::Status SqliteStore::Write(const std::function<absl::Status(StoreTransaction&)>& work) {
  bool again = false;
  const absl::Status status = WriteOnce(work, /*careful=*/false, &again);
  return again ? WriteOnce(work, /*careful=*/true, &again) : status;
}

absl::Status SqliteStore::WriteOnce(const std::function<absl::Status(StoreTransaction&)>& work, bool careful,
                                    bool* again) {
  MutexLock lock(writer_mu_);
  SqliteDb& db = *writer_;
  RETURN_IF_ERROR(db.CheckInPlace());
  RETURN_IF_ERROR(db.Script("BEGIN IMMEDIATE"));
  const auto roll_back = absl::MakeCleanup([&db] {
    if (db.InTransaction()) db.Script("ROLLBACK").IgnoreError();
  });
  ASSIGN_OR_RETURN(const int64_t members,
                   db.QueryInt("SELECT count(*) FROM tikhaul_member WHERE id = ? AND term = ?", self_.id, self_.term));
  if (members == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(Describe(), " has been replaced or taken over by another coordinator: stop this one"));
  }
  SqliteTransaction transaction(db, careful);
  const absl::Status worked = work(transaction);
  *again = transaction.too_careless();
  RETURN_IF_ERROR(worked);
  // SQLite ends the transaction by itself after some failures; `work` may have overlooked the one it saw.
  if (!db.InTransaction()) return absl::UnavailableError(absl::StrCat(Describe(), " gave up the transaction"));
  return db.Script("COMMIT");
}

absl::Status SqliteStore::Read(const std::function<absl::Status(StoreReader&)>& work) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> reader, TakeReader());
  RETURN_IF_ERROR(reader->Script("BEGIN"));
  SqliteReader session(*reader);
  absl::Status result = work(session);
  // A connection that cannot end its transaction is thrown away.
  if (!reader->InTransaction() || reader->Script("ROLLBACK").ok()) ReturnReader(std::move(reader));
  return result;
}

absl::StatusOr<Roll> SqliteStore::Renew() {
  Roll roll{.members = {self_}, .seats = {}};
  RETURN_IF_ERROR(Read([&](StoreReader& reader) -> absl::Status {
    for (int number = 0; number < kSeats; ++number) {
      ASSIGN_OR_RETURN(Seat seat, reader.GetSeat(number));
      roll.seats.push_back(std::move(seat));
    }
    return absl::OkStatus();
  }));
  return roll;
}

std::string SqliteStore::Describe() const { return absl::StrCat("SQLite file ", path_); }

absl::Status SqliteStore::LimitPages(int64_t pages) {
  constexpr int64_t kNoLimit = 4294967294;  // SQLite's own
  MutexLock lock(writer_mu_);
  return writer_->Script(absl::StrCat("PRAGMA max_page_count = ", pages > 0 ? pages : kNoLimit).c_str());
}

absl::StatusOr<std::unique_ptr<SqliteDb>> SqliteStore::TakeReader() {
  {
    MutexLock lock(readers_mu_);
    if (!idle_readers_.empty()) {
      std::unique_ptr<SqliteDb> reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
  }
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> reader,
                   SqliteDb::Open(path_, SQLITE_OPEN_READWRITE, options_.busy_timeout));
  RETURN_IF_ERROR(reader->Script("PRAGMA query_only = ON; PRAGMA cache_size = -4096"));
  return reader;
}

void SqliteStore::ReturnReader(std::unique_ptr<SqliteDb> reader) {
  MutexLock lock(readers_mu_);
  if (idle_readers_.size() < kIdleReaders) idle_readers_.push_back(std::move(reader));
}

}  // namespace tikhaul
