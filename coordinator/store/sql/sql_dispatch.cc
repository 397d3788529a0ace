// Which chunks are next. Chunks lie in lanes (run and connection), whose sizes tikhaul_chunk_count keeps: lanes that
// are paused or empty cost nothing, however many chunks they hold, and each other lane is read in order from an index.
// Chunks of advertisers that are paused are passed over one by one.
#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/sql/sql_chunks.h"
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {
namespace {

struct Lane {
  std::string run_id, connection, endpoint;
};

struct Candidate {
  int priority = 0;
  std::string last_day;  // empty for whole windows
  ChunkId id = 0;

  // In the order of dispatch: newest day first.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tie(a.priority, b.last_day, a.id) < std::tie(b.priority, a.last_day, b.id);
  }
};

absl::StatusOr<std::vector<Lane>> OpenLanes(SqlSession& db) {
  return ReadAll<Lane>(
      db.Query(
          "SELECT n.run_id, n.connection, coalesce(e.endpoint, '') FROM tikhaul_chunk_count AS n "
          "LEFT JOIN tikhaul_extract AS e ON e.name = n.extract WHERE n.ready > 0 AND NOT EXISTS ("
          "SELECT 1 FROM tikhaul_pause AS p WHERE p.scope = 'all' OR (p.scope = 'run' AND p.name = n.run_id) "
          "OR (p.scope = 'extract' AND p.name = n.extract) OR (p.scope = 'connection' AND p.name = n.connection))"),
      [](SqlRow& row) {
        Lane lane;
        row.Read(lane.run_id, lane.connection, lane.endpoint);
        return lane;
      });
}

// Adds the lane's chunks that may run to `best`, of which the first `limit` are kept as a heap, the last of them on
// top. Stops at the first chunk that comes too late, since those behind it come later still.
absl::Status AddLane(SqlSession& db, const Lane& lane, Dispatchable which, absl::Time now, absl::Time hinted_before,
                     size_t limit, std::vector<Candidate>& best) {
  const bool lost = which == Dispatchable::kLost;
  ASSIGN_OR_RETURN(
      const std::unique_ptr<SqlRows> rows,
      db.Query(
          absl::StrCat(
              "SELECT priority, last_day, id FROM tikhaul_chunk INDEXED BY ",
              lost ? "tikhaul_chunk_lost" : "tikhaul_chunk_ready",
              " WHERE state = 'ready' AND run_id = ?1 AND connection = ?2 ",
              lost ? "AND deliveries > 0 AND (last_failure IS NULL OR last_failure = 'crash') AND hinted_at_us IS NULL "
                   : "",
              "AND (not_before_us IS NULL OR not_before_us <= ?3) AND (hinted_at_us IS NULL OR hinted_at_us < ?4) "
              "AND advertiser NOT IN (SELECT name FROM tikhaul_pause WHERE scope = 'advertiser') "
              "AND advertiser NOT IN (SELECT a.advertiser FROM tikhaul_access AS a WHERE a.endpoint = ?5 "
              "AND a.state <> 'open' AND (a.retry_at > ?6 OR EXISTS (SELECT 1 FROM tikhaul_chunk AS p "
              "WHERE p.id = a.scout AND (p.state = 'running' OR (p.state = 'ready' AND p.hinted_at_us >= ?4))))) "
              "ORDER BY priority, last_day DESC NULLS LAST, id LIMIT ?7"),
          lane.run_id, lane.connection, Micros{now}, Micros{hinted_before}, lane.endpoint, Instant{now},
          LimitValue(limit)));
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, rows->Step());
    if (!found) return absl::OkStatus();
    Candidate candidate;
    SqlRow(*rows).Read(candidate.priority, candidate.last_day, candidate.id);
    if (limit > 0 && best.size() == limit) {
      if (!(candidate < best.front())) return absl::OkStatus();
      std::pop_heap(best.begin(), best.end());
      best.pop_back();
    }
    best.push_back(std::move(candidate));
    std::push_heap(best.begin(), best.end());
  }
}

}  // namespace

absl::StatusOr<std::vector<Chunk>> SqlReader::ListDispatchable(Dispatchable which, absl::Time now,
                                                               absl::Time hinted_before, size_t limit) {
  ASSIGN_OR_RETURN(const std::vector<Lane> lanes, OpenLanes(db_));
  std::vector<Candidate> best;
  for (const Lane& lane : lanes) RETURN_IF_ERROR(AddLane(db_, lane, which, now, hinted_before, limit, best));
  std::sort_heap(best.begin(), best.end());
  absl::flat_hash_map<ChunkId, size_t> places;
  std::vector<ChunkId> ids;
  for (const Candidate& candidate : best) {
    places[candidate.id] = ids.size();
    ids.push_back(candidate.id);
  }
  ASSIGN_OR_RETURN(std::vector<Chunk> chunks, ReadChunks(db_, ids));
  std::sort(chunks.begin(), chunks.end(), [&](const Chunk& a, const Chunk& b) { return places[a.id] < places[b.id]; });
  return chunks;
}

absl::StatusOr<std::optional<absl::Time>> SqlReader::NextNotBefore(absl::Time now) {
  return ReadOne<absl::Time>(db_.Query("SELECT not_before_us FROM tikhaul_chunk INDEXED BY tikhaul_chunk_waiting WHERE "
                                       "state = 'ready' AND not_before_us IS NOT NULL AND "
                                       "not_before_us > ? ORDER BY not_before_us LIMIT 1",
                                       Micros{now}),
                             [](SqlRow& row) {
                               absl::Time time;
                               row.Read(time);
                               return time;
                             });
}

absl::Status SqlWriter::MarkHinted(const std::vector<ChunkId>& chunks, absl::Time at) {
  for (absl::Span<const ChunkId> rest = chunks; !rest.empty();) {
    const size_t count = PieceOf(rest.size());
    std::vector<SqlValue> values = {ToSql(Micros{at})};
    for (const ChunkId chunk : rest.first(count)) values.push_back(ToSql(chunk));
    const std::string sql = absl::StrCat("UPDATE tikhaul_chunk SET hinted_at_us = ? WHERE id IN (", Marks(count), ")");
    RETURN_IF_ERROR(db_.Change(sql, values).status());
    rest.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status SqlWriter::ForgetHints() {
  return db_
      .Execute(
          "UPDATE tikhaul_chunk SET hinted_at_us = NULL WHERE state IN ('ready', 'running') AND "
          "hinted_at_us IS NOT NULL")
      .status();
}

}  // namespace tikhaul
