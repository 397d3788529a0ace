#include "coordinator/store/postgres/pg_membership.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "coordinator/store/postgres/pg_locks.h"

namespace tikhaul {
namespace {

constexpr size_t kLongestName = 63;  // PostgreSQL cuts longer ones
// Transactions of a member that is gone end by themselves; those of one that was stopped are ended.
constexpr absl::Duration kFencePatience = absl::Seconds(1);
constexpr absl::Duration kFencePatienceAfterEnd = absl::Seconds(2);

std::string NameStart(const std::string& member) { return absl::StrCat("tikhaul ", member, " "); }

// In the form of an interval's literal.
std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat("'", absl::ToInt64Milliseconds(duration), "ms'");
}

// Of a row of tikhaul_member: whether the member may be evicted. One whose sessions have all ended has died, and need
// not be waited for as long; sessions are seen only of one's own role.
constexpr absl::Duration kPause = absl::Seconds(3);  // longer than between two renewals
std::string ExpiredSql(const PgOptions& options) {
  return absl::StrCat("(expires_at < clock_timestamp() OR (role = current_user AND expires_at < clock_timestamp() + ",
                      "interval ", Milliseconds(options.membership - kPause),
                      " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE starts_with(application_name, "
                      "'tikhaul ' || id || ' '))))");
}

}  // namespace

absl::Status Evicted(const std::string& place) {
  return absl::UnavailableError(absl::StrCat(
      place, ": this coordinator was silent for too long and others have taken its work over; it joins them again"));
}

PgMembership::PgMembership(const PgOptions& options)
    : options_(options),
      id_(RandomId()),
      connection_name_(absl::StrCat(NameStart(id_), HostName()).substr(0, kLongestName)),
      fence_(FenceOf(id_)) {}

std::string PgMembership::FenceOf(const std::string& member) const {
  return LockArguments(PgLock::kFence, absl::StrCat(options_.schema, "\n", member));
}

std::string PgMembership::place() const {
  MutexLock lock(mu_);
  return place_;
}

std::string PgMembership::QuestionSql() const {
  return absl::StrCat("SELECT 1 FROM tikhaul_member WHERE id = ", PgLiteral(id_), " AND term = ", term_.load());
}

absl::Status PgMembership::Reach() {
  if (db_ != nullptr && db_->StillThere()) return absl::OkStatus();
  db_ = nullptr;
  ASSIGN_OR_RETURN(db_, PgConnection::Open(options_, connection_name_));
  place_ = db_->place();
  // A renewal that takes longer is of no use any more.
  return db_->Run(absl::StrCat("SET statement_timeout = ", Milliseconds(options_.membership / 2))).status();
}

absl::StatusOr<Roll> PgMembership::Renew() {
  MutexLock lock(mu_);
  RETURN_IF_ERROR(Reach());
  RETURN_IF_ERROR(RenewRow());
  return ReadRoll();
}

absl::Status PgMembership::RenewRow() {
  ASSIGN_OR_RETURN(PgResult renewed,
                   db_->Run(absl::StrCat("UPDATE tikhaul_member SET expires_at = clock_timestamp() + interval ",
                                         Milliseconds(options_.membership), " WHERE id = ", PgLiteral(id_),
                                         " AND term = ", term_.load())));
  return renewed.Changed() == 1 ? absl::OkStatus() : Join();
}

absl::Status PgMembership::Join() {
  if (term_ > 0) LogWarning("this coordinator was evicted; it joins again", {{"store", place_}});
  const auto roll_back = absl::MakeCleanup([this] {
    if (db_->good() && db_->InTransaction()) db_->Run("ROLLBACK").status().IgnoreError();
  });
  ASSIGN_OR_RETURN(PgResult term,
                   db_->Run("BEGIN; DELETE FROM tikhaul_commit WHERE opened_at < now() - interval '7 days'; "
                            "UPDATE tikhaul_term SET term = term + 1 RETURNING term"));
  ASSIGN_OR_RETURN(const bool found, term.Step());
  if (!found) return absl::DataLossError("tikhaul_term is empty: restore the store from a backup");
  const int64_t mine = term.Int(0);
  RETURN_IF_ERROR(db_->Run(absl::StrCat("INSERT INTO tikhaul_member (id, term, address, passive, expires_at) VALUES (",
                                        PgLiteral(id_), ", ", mine, ", ", PgLiteral(options_.address), ", ",
                                        options_.passive ? 1 : 0, ", clock_timestamp() + interval ",
                                        Milliseconds(options_.membership), "); COMMIT"))
                      .status());
  term_ = mine;
  return absl::OkStatus();
}

// Seats before members: a holder who is not among the members was one when the seats were read, and is gone.
absl::StatusOr<Roll> PgMembership::ReadRoll() {
  Roll roll;
  ASSIGN_OR_RETURN(PgResult seats, db_->Run("SELECT term, member FROM tikhaul_seat ORDER BY number"));
  while (*seats.Step()) roll.seats.push_back({.term = seats.Int(0), .member = std::string(seats.Text(1))});
  if (roll.seats.size() != kSeats) {
    return absl::DataLossError("tikhaul_seat has lost rows: restore the store from a backup");
  }
  ASSIGN_OR_RETURN(PgResult members, db_->Run(absl::StrCat("SELECT id, term, address, passive, ", ExpiredSql(options_),
                                                           "::int FROM tikhaul_member ORDER BY id")));
  while (*members.Step()) {
    roll.members.push_back({.id = std::string(members.Text(0)),
                            .term = members.Int(1),
                            .address = std::string(members.Text(2)),
                            .passive = members.Int(3) != 0,
                            .expired = members.Int(4) != 0});
  }
  return roll;
}

absl::Status PgMembership::TakeFence(PgConnection& db, const std::string& member, absl::Duration patience) {
  const absl::Status taken = db.Run(absl::StrCat("BEGIN; SET LOCAL lock_timeout = ", Milliseconds(patience),
                                                 "; SELECT pg_advisory_xact_lock(", FenceOf(member), ")"))
                                 .status();
  if (!taken.ok() && db.good() && db.InTransaction()) RETURN_IF_ERROR(db.Run("ROLLBACK").status());
  return taken;
}

absl::StatusOr<bool> PgMembership::Evict(const std::string& member) {
  ASSIGN_OR_RETURN(const std::unique_ptr<PgConnection> db, PgConnection::Open(options_, connection_name_));
  const std::string expired =
      absl::StrCat("tikhaul_member WHERE id = ", PgLiteral(member), " AND ", ExpiredSql(options_));
  ASSIGN_OR_RETURN(PgResult found, db->Run(absl::StrCat("SELECT 1 FROM ", expired)));
  ASSIGN_OR_RETURN(const bool still_expired, found.Step());
  if (!still_expired) return false;
  if (!TakeFence(*db, member, kFencePatience).ok()) {
    RETURN_IF_ERROR(db->RunPrepared("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                    "starts_with(application_name, $1) AND pid <> pg_backend_pid()",
                                    {ToSql(NameStart(member))})
                        .status());
    RETURN_IF_ERROR(TakeFence(*db, member, kFencePatienceAfterEnd));
  }
  ASSIGN_OR_RETURN(PgResult evicted, db->Run(absl::StrCat("DELETE FROM ", expired)));
  if (evicted.Changed() == 0) return false;  // it was renewed meanwhile; the transaction ends with the connection
  RETURN_IF_ERROR(db->Run(absl::StrCat("UPDATE tikhaul_seat SET term = term + 1, member = '' WHERE member = ",
                                       PgLiteral(member), "; COMMIT"))
                      .status());
  return true;
}

absl::Status PgMembership::Resign() {
  MutexLock lock(mu_);
  RETURN_IF_ERROR(Reach());
  return db_
      ->Run(absl::StrCat("BEGIN; DELETE FROM tikhaul_member WHERE id = ", PgLiteral(id_),
                         "; UPDATE tikhaul_seat SET term = term + 1, member = '' WHERE member = ", PgLiteral(id_),
                         "; COMMIT"))
      .status();
}

}  // namespace tikhaul
