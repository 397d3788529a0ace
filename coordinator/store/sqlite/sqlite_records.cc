// What stands in the way of chunks or came out of them: dead letters, pauses, drift, quota.
#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/sqlite_chunks.h"
#include "coordinator/store/sqlite/sqlite_session.h"

namespace tikhaul {

absl::StatusOr<std::vector<DeadLetter>> SqliteReader::ListDeadLetters(const ChunkFilter& filter, ChunkId after,
                                                                      size_t limit) {
  Where where = ChunkWhere(filter);
  where.Add("d.chunk > CAST(? AS INTEGER)", absl::StrCat(after));
  return ReadAll<DeadLetter>(
      where.Query(db_,
                  "SELECT d.chunk, d.reason, d.code, d.http_status, d.message, d.request_id, d.exchange, d.died_at "
                  "FROM tikhaul_dead_letter AS d CROSS JOIN tikhaul_chunk AS c ON c.id = d.chunk",
                  " ORDER BY d.chunk LIMIT ?", LimitValue(limit)),
      [](SqliteRow& row) {
        DeadLetter letter;
        row.Read(letter.chunk, letter.reason, letter.code, letter.http_status, letter.message, letter.request_id,
                 letter.exchange, letter.died);
        return letter;
      });
}

absl::StatusOr<uint64_t> SqliteReader::CountDeadLetters() {
  ASSIGN_OR_RETURN(const int64_t count, db_.QueryInt("SELECT count(*) FROM tikhaul_dead_letter"));
  return static_cast<uint64_t>(count);
}

absl::Status SqliteTransaction::PutDeadLetter(const DeadLetter& letter) {
  return db_
      .Execute(
          "REPLACE INTO tikhaul_dead_letter (chunk, reason, code, http_status, message, request_id, exchange, "
          "died_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          letter.chunk, letter.reason, letter.code, letter.http_status, letter.message, letter.request_id,
          letter.exchange, Instant{letter.died})
      .status();
}

absl::Status SqliteTransaction::RemoveDeadLetter(ChunkId chunk) {
  return db_.Execute("DELETE FROM tikhaul_dead_letter WHERE chunk = ?", chunk).status();
}

absl::StatusOr<std::vector<Pause>> SqliteReader::ListPauses() {
  return ReadAll<Pause>(
      db_.Query("SELECT scope, name, reason, automatic, since FROM tikhaul_pause ORDER BY since, scope, name"),
      [](SqliteRow& row) {
        Pause pause;
        row.Read(pause.scope, pause.name, pause.reason, pause.automatic, pause.since);
        return pause;
      });
}

absl::Status SqliteTransaction::PutPause(const Pause& pause) {
  return db_
      .Execute("REPLACE INTO tikhaul_pause (scope, name, reason, automatic, since) VALUES (?, ?, ?, ?, ?)", pause.scope,
               pause.name, pause.reason, pause.automatic, Instant{pause.since})
      .status();
}

absl::Status SqliteTransaction::RemovePause(const std::string& scope, const std::string& name) {
  return db_.Execute("DELETE FROM tikhaul_pause WHERE scope = ? AND name = ?", scope, name).status();
}

absl::StatusOr<std::vector<Drift>> SqliteReader::ListDrift() {
  return ReadAll<Drift>(
      db_.Query(
          "SELECT extract, kind, name, count, first_seen, last_seen FROM tikhaul_drift ORDER BY extract, name, kind"),
      [](SqliteRow& row) {
        Drift drift;
        row.Read(drift.extract, drift.kind, drift.name, drift.count, drift.first_seen, drift.last_seen);
        return drift;
      });
}

absl::Status SqliteTransaction::AddDrift(const Drift& drift) {
  // The forms of instants order as their texts do; min() and max() of two arguments are null when one is.
  return db_
      .Execute(
          "INSERT INTO tikhaul_drift (extract, kind, name, count, first_seen, last_seen) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count, "
          "first_seen = coalesce(min(first_seen, excluded.first_seen), first_seen, excluded.first_seen), "
          "last_seen = coalesce(max(last_seen, excluded.last_seen), last_seen, excluded.last_seen)",
          drift.extract, drift.kind, drift.name, drift.count, Instant{drift.first_seen}, Instant{drift.last_seen})
      .status();
}

// The days are kept for people; the newest record counts.
absl::StatusOr<QuotaUsed> SqliteReader::GetQuotaUsed(const std::string& app) {
  ASSIGN_OR_RETURN(
      const std::optional<QuotaUsed> used,
      ReadOne<QuotaUsed>(db_.Query("SELECT utc_day, calls, last_minute, recorded_us FROM tikhaul_quota_used "
                                   "WHERE app = ? ORDER BY recorded_us DESC LIMIT 1",
                                   app),
                         [](SqliteRow& row) {
                           QuotaUsed used;
                           row.Read(used.utc_day, used.calls, used.last_minute, used.recorded);
                           return used;
                         }));
  return used.value_or(QuotaUsed{});
}

absl::Status SqliteTransaction::PutQuotaUsed(const std::string& app, const QuotaUsed& used) {
  return db_
      .Execute(
          "REPLACE INTO tikhaul_quota_used (app, utc_day, calls, last_minute, recorded_us) "
          "VALUES (?, ?, ?, ?, ?)",
          app, used.utc_day, used.calls, used.last_minute, Micros{used.recorded})
      .status();
}

absl::StatusOr<uint32_t> SqliteReader::GetSliceIds(const std::string& extract, const std::string& advertiser) {
  ASSIGN_OR_RETURN(const std::optional<uint32_t> ids,
                   ReadOne<uint32_t>(db_.Query("SELECT ids FROM tikhaul_slices WHERE extract = ? AND advertiser = ?",
                                               extract, advertiser),
                                     [](SqliteRow& row) {
                                       uint64_t ids = 0;
                                       row.Read(ids);
                                       return static_cast<uint32_t>(ids);
                                     }));
  return ids.value_or(0);
}

absl::Status SqliteTransaction::PutSliceIds(const std::string& extract, const std::string& advertiser, uint32_t ids) {
  return db_
      .Execute("REPLACE INTO tikhaul_slices (extract, advertiser, ids) VALUES (?, ?, ?)", extract, advertiser,
               static_cast<uint64_t>(ids))
      .status();
}

absl::StatusOr<std::optional<Road>> SqliteReader::GetRoad(const std::string& extract, const std::string& advertiser,
                                                          int version) {
  return ReadOne<Road>(
      db_.Query("SELECT road FROM tikhaul_road WHERE extract = ? AND advertiser = ? AND extract_version = ?", extract,
                advertiser, version),
      [](SqliteRow& row) {
        Road road = Road::kPages;
        row.Read(road);
        return road;
      });
}

absl::Status SqliteTransaction::PutRoad(const std::string& extract, const std::string& advertiser, int version,
                                        Road road) {
  return db_
      .Execute("REPLACE INTO tikhaul_road (extract, advertiser, extract_version, road) VALUES (?, ?, ?, ?)", extract,
               advertiser, version, road)
      .status();
}

}  // namespace tikhaul
