#include "coordinator/store/sql/sql_chunks.h"

#include "absl/strings/str_cat.h"
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kSelectChunk =
    "SELECT c.id, c.run_id, c.extract, c.connection, c.advertiser, c.window_kind, c.first_day, c.last_day, c.state, "
    "c.epoch, c.priority, c.not_before_us, c.transient_attempts, c.drift_attempts, c.crash_attempts, c.deliveries, "
    "c.owner, c.last_failure, c.last_error, c.parent, c.calls, c.hinted_at_us, c.only_metrics FROM tikhaul_chunk AS c";

Chunk ReadChunk(SqlRow& row) {
  Chunk chunk;
  row.Read(chunk.id, chunk.run_id, chunk.extract, chunk.connection, chunk.advertiser);
  ReadWindow(row, chunk.window);
  row.Read(chunk.state, chunk.epoch, chunk.priority, chunk.not_before, chunk.attempts.transient, chunk.attempts.drift,
           chunk.attempts.crash, chunk.attempts.deliveries, chunk.owner, chunk.last_failure, chunk.last_error,
           chunk.parent, chunk.calls, chunk.hinted_at, chunk.only_metrics);
  return chunk;
}

}  // namespace

std::optional<absl::CivilDay> FirstDay(const Window& window) {
  return window.kind == WindowKind::kWhole ? std::nullopt : std::optional(window.first);
}

std::optional<absl::CivilDay> LastDay(const Window& window) {
  return window.kind == WindowKind::kWhole ? std::nullopt : std::optional(window.last);
}

void ReadWindow(SqlRow& row, Window& window) {
  std::optional<absl::CivilDay> first, last;
  row.Read(window.kind, first, last);
  window.first = first.value_or(absl::CivilDay());
  window.last = last.value_or(absl::CivilDay());
}

Where ChunkWhere(const ChunkFilter& filter) {
  // The plus keeps SQLite from an index that is worse than another: an advertiser has fewer chunks than a run or
  // extract.
  const bool one_advertiser = !filter.advertiser.empty();
  Where where;
  where.AddUnlessEmpty("c.advertiser = ?", filter.advertiser);
  where.AddUnlessEmpty(one_advertiser ? "+c.run_id = ?" : "c.run_id = ?", filter.run_id);
  where.AddUnlessEmpty(one_advertiser ? "c.extract = ?" : "+c.extract = ?", filter.extract);
  // As a literal: only so does SQLite see that an index of the chunks of one state will do.
  if (filter.state.has_value()) where.Add(absl::StrCat("c.state = '", Name(*filter.state), "'"));
  if (filter.last_failure.has_value()) where.Add("c.last_failure = ?", Name(*filter.last_failure));
  return where;
}

absl::StatusOr<std::optional<Chunk>> SqlReader::GetChunk(ChunkId id) {
  return ReadOne<Chunk>(db_.Query(absl::StrCat(kSelectChunk, " WHERE c.id = ?"), id), ReadChunk);
}

absl::StatusOr<std::vector<Chunk>> ReadChunks(SqlSession& db, absl::Span<const ChunkId> ids) {
  std::vector<Chunk> chunks;
  while (!ids.empty()) {
    const size_t count = PieceOf(ids.size());
    const std::vector<SqlValue> values(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(count));
    ASSIGN_OR_RETURN(
        const std::vector<Chunk> some,
        ReadAll<Chunk>(db.Select(absl::StrCat(kSelectChunk, " WHERE c.id IN (", Marks(count), ")"), values),
                       ReadChunk));
    chunks.insert(chunks.end(), some.begin(), some.end());
    ids.remove_prefix(count);
  }
  return chunks;
}

absl::StatusOr<std::vector<Chunk>> SqlReader::ListChunks(const ChunkFilter& filter, ChunkId after, size_t limit) {
  Where where = ChunkWhere(filter);
  where.Add("c.id > ?", after);
  return ReadAll<Chunk>(where.Query(db_, kSelectChunk, " ORDER BY c.id LIMIT ?", LimitValue(limit)), ReadChunk);
}

absl::StatusOr<ChunkCounts> SqlReader::CountChunks(const std::string& run_id, std::optional<absl::Time> waiting_at) {
  Where of_run;
  of_run.AddUnlessEmpty("run_id = ?", run_id);
  ChunkCounts counts;
  ASSIGN_OR_RETURN(
      const std::unique_ptr<SqlRows> sums,
      of_run.Query(db_,
                   "SELECT sum(ready), sum(running), sum(done), sum(split), sum(cancelled), sum(dead), sum(calls) "
                   "FROM tikhaul_chunk_count",
                   ""));
  RETURN_IF_ERROR(sums->Step().status());
  SqlRow row(*sums);
  row.Read(counts.ready, counts.running, counts.done, counts.split, counts.cancelled, counts.dead, counts.calls);
  ASSIGN_OR_RETURN(const std::unique_ptr<SqlRows> rows,
                   of_run.Query(db_, "SELECT sum(rows) FROM tikhaul_run_rows", ""));
  RETURN_IF_ERROR(rows->Step().status());
  counts.rows = static_cast<uint64_t>(rows->Int(0));
  if (!waiting_at.has_value()) return counts;
  ASSIGN_OR_RETURN(const int64_t waiting,
                   db_.QueryInt("SELECT count(*) FROM tikhaul_chunk INDEXED BY tikhaul_chunk_waiting WHERE state = "
                                "'ready' AND not_before_us IS NOT NULL "
                                "AND not_before_us > ? AND (?2 = '' OR run_id = ?2)",
                                Micros{*waiting_at}, run_id));
  counts.waiting = static_cast<uint64_t>(waiting);
  return counts;
}

absl::StatusOr<std::map<std::string, ChunkCounts>> SqlReader::CountChunksByExtract() {
  ASSIGN_OR_RETURN(const std::unique_ptr<SqlRows> rows,
                   db_.Query("SELECT extract, sum(ready), sum(running), sum(done), sum(split), sum(cancelled), "
                             "sum(dead) FROM tikhaul_chunk_count GROUP BY extract"));
  std::map<std::string, ChunkCounts> by_extract;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, rows->Step());
    if (!found) return by_extract;
    std::string extract;
    ChunkCounts counts;
    SqlRow row(*rows);
    row.Read(extract, counts.ready, counts.running, counts.done, counts.split, counts.cancelled, counts.dead);
    RETURN_IF_ERROR(row.status());
    by_extract[extract] = counts;
  }
}

absl::Status SqlWriter::UpdateChunk(const Chunk& chunk) {
  ASSIGN_OR_RETURN(
      const uint64_t changed,
      db_.Execute("UPDATE tikhaul_chunk SET connection = ?, state = ?, epoch = ?, priority = ?, not_before_us = ?, "
                  "transient_attempts = ?, drift_attempts = ?, crash_attempts = ?, deliveries = ?, owner = ?, "
                  "last_failure = ?, last_error = ?, parent = ?, calls = ?, hinted_at_us = ? WHERE id = ?",
                  chunk.connection, chunk.state, chunk.epoch, chunk.priority, Micros{chunk.not_before},
                  chunk.attempts.transient, chunk.attempts.drift, chunk.attempts.crash, chunk.attempts.deliveries,
                  chunk.owner, chunk.last_failure, chunk.last_error, chunk.parent, chunk.calls, Micros{chunk.hinted_at},
                  chunk.id));
  return changed == 1 ? absl::OkStatus() : absl::NotFoundError(absl::StrCat("there is no chunk ", chunk.id));
}

absl::StatusOr<uint64_t> SqlWriter::CancelChunks(const std::string& run_id) {
  return db_.Execute(
      "UPDATE tikhaul_chunk SET state = 'cancelled', epoch = epoch + 1, owner = '' "
      "WHERE run_id = ? AND state IN ('ready', 'running')",
      run_id);
}

}  // namespace tikhaul
