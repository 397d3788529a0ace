// Writing chunks down: many rows per statement, and one question for what is there already per advertiser.
#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "coordinator/store/sql/sql_chunks.h"
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kInsert =
    "INSERT INTO tikhaul_chunk (run_id, extract, connection, advertiser, window_kind, first_day, last_day, state, "
    "epoch, "
    "priority, not_before_us, transient_attempts, drift_attempts, crash_attempts, deliveries, owner, last_failure, "
    "last_error, parent, calls, hinted_at_us, only_metrics) VALUES ";

// What tells chunks of one run, extract and advertiser apart.
struct Part {
  Window window;
  std::string only_metrics;

  friend bool operator<(const Part& a, const Part& b) {
    return std::tie(a.window.kind, a.window.last, a.window.first, a.only_metrics) <
           std::tie(b.window.kind, b.window.last, b.window.first, b.only_metrics);
  }
};

Part PartOf(const Chunk& chunk) {
  Part part{chunk.window, chunk.only_metrics};
  if (part.window.kind == WindowKind::kWhole) part.window.first = part.window.last = absl::CivilDay();
  return part;
}

bool OfOneOwner(const Chunk& a, const Chunk& b) {
  return a.advertiser == b.advertiser && a.extract == b.extract && a.run_id == b.run_id;
}

// What is there of the chunks' run, extract and advertiser, where they lie.
absl::StatusOr<std::set<Part>> ReadTaken(SqlSession& db, absl::Span<const Chunk> chunks) {
  const auto [oldest, newest] = std::minmax_element(
      chunks.begin(), chunks.end(), [](const Chunk& a, const Chunk& b) { return a.window.last < b.window.last; });
  const bool whole = oldest->window.kind == WindowKind::kWhole || newest->window.kind == WindowKind::kWhole;
  Where where;
  where.Add("advertiser = ?", chunks[0].advertiser);
  where.Add("extract = ?", chunks[0].extract);
  if (!whole) {
    where.Add("last_day >= ?", oldest->window.last);
    where.Add("last_day <= ?", newest->window.last);
  }
  where.Add("+run_id = ?", chunks[0].run_id);
  where.Add("+state <> 'split'");
  ASSIGN_OR_RETURN(const std::vector<Part> parts,
                   ReadAll<Part>(where.Query(db,
                                             "SELECT window_kind, first_day, last_day, only_metrics FROM "
                                             "tikhaul_chunk",
                                             ""),
                                 [](SqlRow& row) {
                                   Part part;
                                   ReadWindow(row, part.window);
                                   row.Read(part.only_metrics);
                                   return part;
                                 }));
  return std::set<Part>(parts.begin(), parts.end());
}

void AppendValues(const Chunk& chunk, std::vector<SqlValue>& values) {
  const auto append = [&values](const auto&... cells) { (values.push_back(ToSql(cells)), ...); };
  append(chunk.run_id, chunk.extract, chunk.connection, chunk.advertiser, chunk.window.kind, FirstDay(chunk.window),
         LastDay(chunk.window), chunk.state, chunk.epoch, chunk.priority, Micros{chunk.not_before},
         chunk.attempts.transient, chunk.attempts.drift, chunk.attempts.crash, chunk.attempts.deliveries, chunk.owner,
         chunk.last_failure, chunk.last_error, chunk.parent, chunk.calls, Micros{chunk.hinted_at}, chunk.only_metrics);
}

absl::Status Insert(SqlSession& db, absl::Span<const Chunk* const> chunks) {
  while (!chunks.empty()) {
    const size_t count = PieceOf(chunks.size());
    std::vector<SqlValue> values;
    for (const Chunk* chunk : chunks.first(count)) AppendValues(*chunk, values);
    const std::string row = absl::StrCat("(", Marks(values.size() / count), ")");
    const std::vector<absl::string_view> rows(count, row);
    RETURN_IF_ERROR(db.Change(absl::StrCat(kInsert, absl::StrJoin(rows, ", ")), values).status());
    chunks.remove_prefix(count);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint64_t> SqlWriter::InsertChunks(const std::vector<Chunk>& chunks) {
  uint64_t inserted = 0;
  for (absl::Span<const Chunk> rest = chunks; !rest.empty();) {
    const auto end = std::find_if(rest.begin(), rest.end(), [&](const Chunk& c) { return !OfOneOwner(c, rest[0]); });
    const absl::Span<const Chunk> alike = rest.first(static_cast<size_t>(end - rest.begin()));
    ASSIGN_OR_RETURN(std::set<Part> taken, ReadTaken(db_, alike));
    std::vector<const Chunk*> fresh;
    for (const Chunk& chunk : alike) {
      if (taken.insert(PartOf(chunk)).second) fresh.push_back(&chunk);
    }
    RETURN_IF_ERROR(Insert(db_, fresh));
    inserted += fresh.size();
    rest.remove_prefix(alike.size());
  }
  return inserted;
}

}  // namespace tikhaul
