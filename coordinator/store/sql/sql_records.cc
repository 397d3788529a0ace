// What stands in the way of chunks or came out of them: dead letters, pauses, drift, quota, verifications.
#include "absl/strings/str_cat.h"
#include "coordinator/store/sql/sql_chunks.h"
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {

absl::StatusOr<std::vector<DeadLetter>> SqlReader::ListDeadLetters(const ChunkFilter& filter, ChunkId after,
                                                                   size_t limit) {
  Where where = ChunkWhere(filter);
  where.Add("d.chunk > ?", after);
  where.Add("c.id = d.chunk");
  return ReadAll<DeadLetter>(
      where.Query(db_,
                  "SELECT d.chunk, d.reason, d.code, d.http_status, d.message, d.request_id, d.exchange, d.died_at "
                  "FROM tikhaul_dead_letter AS d CROSS JOIN tikhaul_chunk AS c",
                  " ORDER BY d.chunk LIMIT ?", LimitValue(limit)),
      [](SqlRow& row) {
        DeadLetter letter;
        row.Read(letter.chunk, letter.reason, letter.code, letter.http_status, letter.message, letter.request_id,
                 letter.exchange, letter.died);
        return letter;
      });
}

absl::StatusOr<uint64_t> SqlReader::CountDeadLetters() {
  ASSIGN_OR_RETURN(const int64_t count, db_.QueryInt("SELECT count(*) FROM tikhaul_dead_letter"));
  return static_cast<uint64_t>(count);
}

absl::Status SqlWriter::PutDeadLetter(const DeadLetter& letter) {
  return db_
      .Execute(PutSql("tikhaul_dead_letter", {"chunk"},
                      {"reason", "code", "http_status", "message", "request_id", "exchange", "died_at"}),
               letter.chunk, letter.reason, letter.code, letter.http_status, letter.message, letter.request_id,
               letter.exchange, Instant{letter.died})
      .status();
}

absl::Status SqlWriter::RemoveDeadLetter(ChunkId chunk) {
  return db_.Execute("DELETE FROM tikhaul_dead_letter WHERE chunk = ?", chunk).status();
}

absl::StatusOr<std::vector<Pause>> SqlReader::ListPauses() {
  return ReadAll<Pause>(
      db_.Query(
          "SELECT scope, name, reason, automatic, since FROM tikhaul_pause ORDER BY since NULLS FIRST, scope, name"),
      [](SqlRow& row) {
        Pause pause;
        row.Read(pause.scope, pause.name, pause.reason, pause.automatic, pause.since);
        return pause;
      });
}

absl::Status SqlWriter::PutPause(const Pause& pause) {
  return db_
      .Execute(PutSql("tikhaul_pause", {"scope", "name"}, {"reason", "automatic", "since"}), pause.scope, pause.name,
               pause.reason, pause.automatic, Instant{pause.since})
      .status();
}

absl::Status SqlWriter::RemovePause(const std::string& scope, const std::string& name) {
  return db_.Execute("DELETE FROM tikhaul_pause WHERE scope = ? AND name = ?", scope, name).status();
}

absl::StatusOr<std::vector<Drift>> SqlReader::ListDrift() {
  return ReadAll<Drift>(
      db_.Query(
          "SELECT extract, kind, name, count, first_seen, last_seen FROM tikhaul_drift ORDER BY extract, name, kind"),
      [](SqlRow& row) {
        Drift drift;
        row.Read(drift.extract, drift.kind, drift.name, drift.count, drift.first_seen, drift.last_seen);
        return drift;
      });
}

absl::Status SqlWriter::AddDrift(const Drift& drift) {
  // The forms of instants order as their texts do.
  return db_
      .Execute(
          "INSERT INTO tikhaul_drift (extract, kind, name, count, first_seen, last_seen) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (extract, name, kind) DO UPDATE SET "
          "count = tikhaul_drift.count + excluded.count, "
          "first_seen = CASE WHEN excluded.first_seen < tikhaul_drift.first_seen THEN excluded.first_seen "
          "ELSE coalesce(tikhaul_drift.first_seen, excluded.first_seen) END, "
          "last_seen = CASE WHEN excluded.last_seen > tikhaul_drift.last_seen THEN excluded.last_seen "
          "ELSE coalesce(tikhaul_drift.last_seen, excluded.last_seen) END",
          drift.extract, drift.kind, drift.name, drift.count, Instant{drift.first_seen}, Instant{drift.last_seen})
      .status();
}

// The days are kept for people; the newest record counts.
absl::StatusOr<QuotaUsed> SqlReader::GetQuotaUsed(const std::string& app) {
  ASSIGN_OR_RETURN(
      const std::optional<QuotaUsed> used,
      ReadOne<QuotaUsed>(db_.Query("SELECT utc_day, calls, last_minute, recorded_us FROM tikhaul_quota_used "
                                   "WHERE app = ? ORDER BY recorded_us DESC NULLS LAST LIMIT 1",
                                   app),
                         [](SqlRow& row) {
                           QuotaUsed used;
                           row.Read(used.utc_day, used.calls, used.last_minute, used.recorded);
                           return used;
                         }));
  return used.value_or(QuotaUsed{});
}

absl::Status SqlWriter::PutQuotaUsed(const std::string& app, const QuotaUsed& used) {
  return db_
      .Execute(PutSql("tikhaul_quota_used", {"app", "utc_day"}, {"calls", "last_minute", "recorded_us"}), app,
               used.utc_day, used.calls, used.last_minute, Micros{used.recorded})
      .status();
}

absl::StatusOr<uint32_t> SqlReader::GetSliceIds(const std::string& extract, const std::string& advertiser) {
  ASSIGN_OR_RETURN(const std::optional<uint32_t> ids,
                   ReadOne<uint32_t>(db_.Query("SELECT ids FROM tikhaul_slices WHERE extract = ? AND advertiser = ?",
                                               extract, advertiser),
                                     [](SqlRow& row) {
                                       uint64_t ids = 0;
                                       row.Read(ids);
                                       return static_cast<uint32_t>(ids);
                                     }));
  return ids.value_or(0);
}

absl::Status SqlWriter::PutSliceIds(const std::string& extract, const std::string& advertiser, uint32_t ids) {
  return db_
      .Execute(PutSql("tikhaul_slices", {"extract", "advertiser"}, {"ids"}), extract, advertiser,
               static_cast<uint64_t>(ids))
      .status();
}

absl::StatusOr<std::optional<Road>> SqlReader::GetRoad(const std::string& extract, const std::string& advertiser,
                                                       int version) {
  return ReadOne<Road>(
      db_.Query("SELECT road FROM tikhaul_road WHERE extract = ? AND advertiser = ? AND extract_version = ?", extract,
                advertiser, version),
      [](SqlRow& row) {
        Road road = Road::kPages;
        row.Read(road);
        return road;
      });
}

absl::Status SqlWriter::PutRoad(const std::string& extract, const std::string& advertiser, int version, Road road) {
  return db_
      .Execute(PutSql("tikhaul_road", {"extract", "advertiser"}, {"extract_version", "road"}), extract, advertiser,
               version, road)
      .status();
}

absl::StatusOr<std::vector<Verification>> SqlReader::ListVerifications() {
  return ReadAll<Verification>(
      db_.Query("SELECT extract, advertiser, verified_at, first_day, last_day, equal, explained, flagged "
                "FROM tikhaul_verification ORDER BY extract, advertiser"),
      [](SqlRow& row) {
        Verification v;
        row.Read(v.extract, v.advertiser, v.verified, v.first_day, v.last_day, v.equal, v.explained, v.flagged);
        return v;
      });
}

absl::Status SqlWriter::PutVerification(const Verification& v) {
  return db_
      .Execute(PutSql("tikhaul_verification", {"extract", "advertiser"},
                      {"verified_at", "first_day", "last_day", "equal", "explained", "flagged"}),
               v.extract, v.advertiser, Instant{v.verified}, v.first_day, v.last_day, v.equal, v.explained, v.flagged)
      .status();
}

}  // namespace tikhaul
