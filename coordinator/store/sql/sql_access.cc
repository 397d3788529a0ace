// The permission matrix: which advertiser x endpoint is open to us.
#include "absl/strings/str_cat.h"
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kSelect =
    "SELECT advertiser, endpoint, state, code, message, since, checked_at, retry_at, refusals FROM tikhaul_access";

Access ReadAccess(SqlRow& row) {
  Access access;
  row.Read(access.advertiser, access.endpoint, access.state, access.code, access.message, access.since, access.checked,
           access.retry_at, access.refusals);
  return access;
}

}  // namespace

absl::StatusOr<std::vector<Access>> SqlReader::ListAccess(bool open_too) {
  return ReadAll<Access>(
      db_.Query(absl::StrCat(kSelect, open_too ? "" : " WHERE state <> 'open'", " ORDER BY advertiser, endpoint")),
      ReadAccess);
}

absl::StatusOr<std::optional<Access>> SqlReader::GetAccess(const std::string& endpoint, const std::string& advertiser) {
  return ReadOne<Access>(
      db_.Query(absl::StrCat(kSelect, " WHERE endpoint = ? AND advertiser = ?"), endpoint, advertiser), ReadAccess);
}

absl::Status SqlWriter::PutAccess(const Access& access) {
  return db_
      .Execute(
          "INSERT INTO tikhaul_access (advertiser, endpoint, state, code, message, since, checked_at, retry_at, "
          "refusals) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (advertiser, endpoint) DO UPDATE SET state = "
          "excluded.state, "
          "code = excluded.code, message = excluded.message, since = excluded.since, "
          "checked_at = excluded.checked_at, retry_at = excluded.retry_at, refusals = excluded.refusals",
          access.advertiser, access.endpoint, access.state, access.code, access.message, Instant{access.since},
          Instant{access.checked}, Instant{access.retry_at}, access.refusals)
      .status();
}

absl::Status SqlWriter::SetScout(const std::string& endpoint, const std::string& advertiser, ChunkId chunk) {
  return db_
      .Execute("UPDATE tikhaul_access SET scout = ? WHERE endpoint = ? AND advertiser = ? AND state <> 'open'", chunk,
               endpoint, advertiser)
      .status();
}

absl::Status SqlWriter::Postpone(const std::string& endpoint, const std::string& advertiser, absl::Time until) {
  return db_
      .Execute(
          "UPDATE tikhaul_chunk SET not_before_us = ?, hinted_at_us = NULL WHERE advertiser = ? AND "
          "extract IN (SELECT name FROM tikhaul_extract WHERE endpoint = ?) AND +state = 'ready'",
          Micros{until}, advertiser, endpoint)
      .status();
}

}  // namespace tikhaul
