#include "coordinator/store/postgres/pg_session.h"

#include <utility>

#include "coordinator/store/postgres/pg_locks.h"
#include "coordinator/store/postgres/pg_translate.h"

namespace tikhaul {

std::string LockBookkeepingSql(const PgOptions& options) {
  return absl::StrCat("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(",
                      LockArguments(PgLock::kRecords, options.schema),
                      "); SET LOCAL lock_timeout = ", absl::ToInt64Milliseconds(options.lock_timeout));
}

absl::StatusOr<std::unique_ptr<SqlRows>> PgSession::Select(absl::string_view sql, absl::Span<const SqlValue> values) {
  std::string translated = TranslateForPostgres(sql);
  ASSIGN_OR_RETURN(PgResult result, db_.RunPrepared(translated, values));
  if (!locked_) {
    read_.push_back({std::move(translated), {values.begin(), values.end()}, result.Fingerprint()});
  }
  return std::make_unique<PgResult>(std::move(result));
}

absl::StatusOr<std::unique_ptr<SqlRows>> PgSession::ChangeRows(absl::string_view sql,
                                                               absl::Span<const SqlValue> values) {
  RETURN_IF_ERROR(Lock());
  ASSIGN_OR_RETURN(PgResult result, db_.RunPrepared(TranslateForPostgres(sql), values));
  return std::make_unique<PgResult>(std::move(result));
}

absl::StatusOr<uint64_t> PgSession::Change(absl::string_view sql, absl::Span<const SqlValue> values) {
  RETURN_IF_ERROR(Lock());
  ASSIGN_OR_RETURN(const PgResult result, db_.RunPrepared(TranslateForPostgres(sql), values));
  return result.Changed();
}

absl::Status PgSession::Lock() {
  if (locked_) return absl::OkStatus();
  RETURN_IF_ERROR(db_.Run(LockBookkeepingSql(options_)).status());
  locked_ = true;
  for (const Reading& reading : read_) {
    ASSIGN_OR_RETURN(const PgResult now, db_.RunPrepared(reading.sql, reading.values));
    if (now.Fingerprint() == reading.fingerprint) continue;
    db_.SetConflict(true);
    return absl::AbortedError("another transaction has changed what this one has read");
  }
  read_.clear();
  return absl::OkStatus();
}

}  // namespace tikhaul
