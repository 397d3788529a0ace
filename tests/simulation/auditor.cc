#include "tests/simulation/auditor.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/model/names.h"
#include "coordinator/core/coverage.h"
#include "coordinator/core/membership.h"
#include "tests/simulation/memory_members.h"
#include "tests/simulation/memory_rows.h"

namespace tikhaul {
namespace {

bool HasEnded(ChunkState state) {
  return state == ChunkState::kDone || state == ChunkState::kSplit || state == ChunkState::kCancelled;
}

bool MayFollow(ChunkState from, ChunkState to) {
  switch (from) {
    case ChunkState::kReady:
      return to == ChunkState::kRunning || to == ChunkState::kCancelled;
    case ChunkState::kRunning:
      return true;  // running again: an orphan that was claimed anew
    case ChunkState::kDead:
      return to == ChunkState::kReady;
    default:
      return false;
  }
}

bool IsPaused(const MemoryState& state, const Chunk& chunk) {
  return std::any_of(state.pauses->begin(), state.pauses->end(), [&](const auto& entry) {
    const Pause& pause = entry.second;
    return pause.scope == "all" || pause.name == chunk.connection || pause.name == chunk.extract ||
           pause.name == chunk.run_id || pause.name == chunk.advertiser;
  });
}

}  // namespace

std::string Auditor::Describe(const Chunk& chunk) const {
  return absl::StrCat("chunk ", chunk.id, " (", chunk.advertiser, " ", FormatWindow(chunk.window), ", ",
                      Name(chunk.state), ", epoch ", chunk.epoch, ")");
}

void Auditor::Finished(ChunkId chunk, uint64_t epoch, absl::Time read_from, std::vector<ApiRow> rows) {
  attempts_[{chunk, epoch}] = {read_from, std::move(rows)};
}

void Auditor::Add(const std::string& advertiser, const std::vector<ApiRow>& rows, RowMap& map) {
  for (const ApiRow& row : rows)
    map[{advertiser, FormatDay(row.day), row.ad}] = {row.clicks, static_cast<double>(row.cents) / 100};
}

bool Auditor::MayDie(const Chunk& chunk) const {
  return std::any_of(poison_.begin(), poison_.end(), [&](const auto& one) {
    return one.first == chunk.advertiser && chunk.window.first <= one.second && one.second <= chunk.window.last;
  });
}

void Auditor::Committed(const MemoryState& before, const MemoryState& after, const Process& by, const Member& as) {
  Expect(by.alive && !by.doomed, by.name, " is dead and has committed");
  Expect(IsMember(before, as.id, as.term), by.name, " was evicted and has committed");
  const Chunk* published = nullptr;
  bool planned = !before.runs.Shares(after.runs);
  if (!before.chunks.Shares(after.chunks)) {
    for (const auto& [id, chunk] : *after.chunks) {
      const auto found = before.chunks->find(id);
      const Chunk* const old = found == before.chunks->end() ? nullptr : found->second.get();
      if (old == chunk.get()) continue;
      planned = planned || old == nullptr;
      CheckChunk(old, *chunk, after);
      CheckAttempts(old, *chunk);
      const bool granted = chunk->state == ChunkState::kRunning && (old == nullptr || old->epoch != chunk->epoch);
      if (granted) CheckGrant(*chunk, after, as);
      if (old == nullptr || old->state == chunk->state || chunk->state != ChunkState::kDone) continue;
      Expect(published == nullptr, "two chunks were published in one transaction");
      published = chunk.get();
      CheckPublication(*old, *chunk, before, after);
    }
  }
  if (published == nullptr) {
    if (!before.tables.Shares(after.tables)) {
      Expect(RowsOf(before) == RowsOf(after), "rows changed without a publication");  // else tables were made
    }
    Expect(before.ledger.Shares(after.ledger), "the ledger grew without a publication");
    Expect(before.coverage.Shares(after.coverage), "coverage changed without a publication");
    Expect(before.cursors.Shares(after.cursors) || planned, "a cursor moved without a publication");
  }
  if (!before.cursors.Shares(after.cursors)) CheckCursor(before, after);
  if (!before.seats.Shares(after.seats)) NoteMoves(before, after);
}

void Auditor::NoteMoves(const MemoryState& before, const MemoryState& after) {
  const auto moved = [&](int seat) {
    const size_t number = static_cast<size_t>(seat);
    return (*before.seats)[number].term > 1 && (*before.seats)[number].term != (*after.seats)[number].term;
  };
  if (moved(kLeadSeat)) world_.Note(Met::kLeadMoved);
  for (const auto& [id, chunk] : *before.chunks) {
    if (chunk->state == ChunkState::kRunning && moved(ShardOf(*chunk))) world_.Note(Met::kShardMoved);
  }
}

void Auditor::CheckChunk(const Chunk* old, const Chunk& chunk, const MemoryState& state) {
  log_.push_back({.chunk = chunk.id,
                  .is_new = old == nullptr,
                  .from = old == nullptr ? ChunkState::kReady : old->state,
                  .to = chunk.state,
                  .from_epoch = old == nullptr ? 0 : old->epoch,
                  .to_epoch = chunk.epoch});
  if (old == nullptr) return Expect(chunk.state == ChunkState::kReady, Describe(chunk), " did not begin as ready");
  if (world_.tracing() && (old->state != chunk.state || old->epoch != chunk.epoch))
    world_.Trace("store: ", Describe(*old), " -> ", Name(chunk.state), ", epoch ", chunk.epoch);
  Expect(chunk.epoch >= old->epoch, Describe(chunk), ": its epoch was ", old->epoch);
  const bool same = chunk.state == old->state && chunk.epoch == old->epoch;
  if (same) return;
  Expect(MayFollow(old->state, chunk.state), Describe(*old), " became ", Name(chunk.state), ", epoch ", chunk.epoch);
  Expect(chunk.epoch > old->epoch || chunk.state == ChunkState::kDone, Describe(chunk),
         ": its owner changed under one epoch");
  if (chunk.state == ChunkState::kRunning) {
    world_.Note(Met::kGranted);
    Expect(!IsPaused(state, chunk), Describe(chunk), " was granted while it is paused");
  }
  if (chunk.state == ChunkState::kReady && chunk.last_error == "the end of its stream was not recorded")
    world_.Note(Met::kOrphanReturned);
  if (chunk.state == ChunkState::kSplit) world_.Note(Met::kSplit);
  if (chunk.state == ChunkState::kCancelled && old->state == ChunkState::kRunning)
    world_.Note(Met::kCancelledWhileRunning);
  if (chunk.state == ChunkState::kDead) world_.Note(MayDie(chunk) ? Met::kPoisonDied : Met::kDiedAndRetried);
  if (chunk.state == ChunkState::kDead)
    Expect(state.dead_letters->contains(chunk.id), Describe(chunk), " has no letter");
}

void Auditor::CheckGrant(const Chunk& chunk, const MemoryState& state, const Member& by) {
  const std::string& holder = (*state.seats)[static_cast<size_t>(ShardOf(chunk))].member;
  Expect(holder == by.id, Describe(chunk), " was granted by ", by.id, ", and its shard is of ",
         holder.empty() ? "nobody" : holder);
}

void Auditor::CheckAttempts(const Chunk* old, const Chunk& chunk) {
  const auto blamed = [&](std::initializer_list<FailureClass> classes) {
    int count = 0;
    for (const FailureClass one : classes) {
      const auto found = blames_.find({chunk.id, one});
      count += found == blames_.end() ? 0 : found->second;
    }
    return count;
  };
  Expect(chunk.attempts.crash <= blamed({FailureClass::kCrash}), Describe(chunk), ": ", chunk.attempts.crash,
         " crashes are counted, it had ", blamed({FailureClass::kCrash}));
  Expect(chunk.attempts.drift <= blamed({FailureClass::kDrift}), Describe(chunk), ": ", chunk.attempts.drift,
         " drifts are counted, it had ", blamed({FailureClass::kDrift}));
  Expect(
      chunk.attempts.transient <= blamed({FailureClass::kTransient, FailureClass::kUnknownCode, FailureClass::kTooBig}),
      Describe(chunk), ": ", chunk.attempts.transient, " transient failures are counted, more than it had");
  const bool died = chunk.state == ChunkState::kDead && old != nullptr && old->state != ChunkState::kDead;
  if (!died || MayDie(chunk)) return;
  const int counted = blamed({FailureClass::kCrash, FailureClass::kDrift, FailureClass::kTransient,
                              FailureClass::kUnknownCode, FailureClass::kTooBig});
  Expect(counted >= 3, Describe(chunk), " died of ", counted, " faults: ", chunk.last_error);
}

void Auditor::CheckPublication(const Chunk& old, const Chunk& chunk, const MemoryState& before,
                               const MemoryState& after) {
  world_.Note(Met::kPublished);
  Expect(old.state == ChunkState::kRunning, Describe(old), " was published");
  Expect(after.ledger->size() == before.ledger->size() + 1, Describe(chunk), ": its publication made ",
         after.ledger->size() - before.ledger->size(), " ledger entries");
  if (world_.stopped()) return;
  const LedgerEntry& entry = *after.ledger->back();
  Expect(entry.chunk == chunk.id && entry.epoch == old.epoch, Describe(old), " was published under epoch ",
         entry.epoch);
  const auto found = attempts_.find({chunk.id, entry.epoch});
  if (found == attempts_.end()) return world_.Violate(absl::StrCat(Describe(chunk), ": nobody has read it whole"));
  const std::string first = FormatDay(chunk.window.first), end = FormatDay(chunk.window.last + 1);
  expected_.erase(expected_.lower_bound({chunk.advertiser, first, ""}),
                  expected_.lower_bound({chunk.advertiser, end, ""}));
  Add(chunk.advertiser, found->second.rows, expected_);
  Expect(RowsWithin(after, chunk.advertiser, first, end) == ExpectedWithin(chunk.advertiser, first, end),
         Describe(chunk), ": the table does not hold what was read");
  for (absl::CivilDay day = chunk.window.first; day <= chunk.window.last; ++day)
    read_from_[{chunk.advertiser, day}] = found->second.read_from;
  if (entry.updated + entry.removed > 0) world_.Note(Met::kRestated);
  const auto coverage_of = [&](const MemoryState& state) {
    const auto pair = state.coverage->find({extract_, chunk.advertiser});
    return pair == state.coverage->end() ? std::vector<Coverage>() : pair->second;
  };
  Expect(coverage_of(after) == AddInterval(coverage_of(before), {chunk.window.first, chunk.window.last}),
         Describe(chunk), ": coverage is not what it was and the chunk's window");
}

void Auditor::CheckCursor(const MemoryState& before, const MemoryState& after) {
  for (const auto& [pair, cursor] : *after.cursors) {
    const auto old = before.cursors->find(pair);
    if (old != before.cursors->end() && old->second.cursor == cursor.cursor && old->second.through == cursor.through)
      continue;
    Expect(cursor.cursor <= cursor.through, pair.second, ": the cursor passes what is committed");
    if (!cursor.through.has_value()) continue;
    for (absl::CivilDay day = cursor.first_day; day <= *cursor.through; ++day) {
      const auto read = read_from_.find({pair.second, day});
      if (read == read_from_.end())
        return world_.Violate(absl::StrCat(pair.second, ": the cursor is at ", FormatDay(*cursor.through), ", and ",
                                           FormatDay(day), " was never published"));
      const bool checked = cursor.cursor.has_value() && day <= *cursor.cursor && !world_.weather().clocks_jump;
      if (checked)
        Expect(FinalityOf(rule_, day, read->second) != Finality::kProvisional, pair.second, ": the cursor passes ",
               FormatDay(day), ", whose newest read was provisional");
    }
  }
}

Auditor::RowMap Auditor::RowsOf(const MemoryState& state) const { return RowsWithin(state, "", "", ""); }

Auditor::RowMap Auditor::RowsWithin(const MemoryState& state, const std::string& advertiser, const std::string& first,
                                    const std::string& end) const {
  RowMap rows;
  const auto found = state.tables->find(extract_);
  if (found == state.tables->end()) return rows;
  const MemoryTable& table = *found->second;
  const size_t clicks = static_cast<size_t>(table.Find("clicks")), spend = static_cast<size_t>(table.Find("spend"));
  const auto from = advertiser.empty() ? table.rows.begin() : table.rows.lower_bound(Row{advertiser, first});
  const auto to = advertiser.empty() ? table.rows.end() : table.rows.lower_bound(Row{advertiser, end});
  for (auto at = from; at != to; ++at) {  // the key: advertiser, day, ad
    const auto& [key, row] = *at;
    const auto* const count = std::get_if<int64_t>(&(*row)[clicks]);
    const auto* const money = std::get_if<double>(&(*row)[spend]);
    const auto text = [&key = key](size_t column) { return std::string(TextOf(key[column])); };
    rows.emplace_hint(rows.end(), RowKey{text(0), text(1), text(2)},
                      Figures{count == nullptr ? -1 : *count, money == nullptr ? -1 : *money});
  }
  return rows;
}

void Auditor::CheckNothingStuck(const MemoryState& state, absl::Time now, absl::Duration patience) {
  for (const auto& [id, chunk] : *state.chunks) {
    const bool runs = chunk->state == ChunkState::kReady || chunk->state == ChunkState::kRunning;
    Expect(!runs || chunk->not_before + patience > now, Describe(*chunk),
           " waits though nothing is in its way; hinted ", absl::FormatDuration(now - chunk->hinted_at), " ago");
  }
}

void Auditor::FinalCheck(const MemoryState& state) {
  for (const auto& [id, chunk] : *state.chunks) {
    const bool ended = HasEnded(chunk->state) || (chunk->state == ChunkState::kDead && MayDie(*chunk));
    Expect(ended, Describe(*chunk), " has not ended: ", chunk->last_error);
  }
  for (const auto& [id, run] : *state.runs) Expect(run.state != RunState::kRunning, "run ", id, " has not ended");
  Expect(RowsOf(state) == expected_, "the table does not hold what was read");
  CheckTiles(state);
  CheckReplay(state);
}

// Whatever chunks were split into: of each run and advertiser the others cover what was wanted once.
void Auditor::CheckTiles(const MemoryState& state) {
  std::map<std::pair<std::string, std::string>, std::vector<Coverage>> tiles, wanted;
  std::map<std::pair<std::string, std::string>, int64_t> days;
  for (const auto& [id, chunk] : *state.chunks) {
    const std::pair<std::string, std::string> key(chunk->run_id, chunk->advertiser);
    const Coverage window{chunk->window.first, chunk->window.last};
    if (chunk->parent == 0) wanted[key].push_back(window);
    if (chunk->state == ChunkState::kSplit) continue;
    tiles[key].push_back(window);
    days[key] += chunk->window.Days();
  }
  for (const auto& [key, list] : wanted) {
    const std::vector<Coverage> whole = NormalizeIntervals(list);
    int64_t count = 0;
    for (const Coverage& stretch : whole) count += stretch.last - stretch.first + 1;
    Expect(NormalizeIntervals(tiles[key]) == whole && days[key] == count, "run ", key.first, " of ", key.second,
           ": its windows do not tile it");
  }
}

void Auditor::CheckReplay(const MemoryState& state) {
  std::map<ChunkId, std::pair<ChunkState, uint64_t>> replayed;
  for (const Change& change : log_) {
    auto& chunk = replayed[change.chunk];
    const bool follows = change.is_new ? chunk == std::pair<ChunkState, uint64_t>() && !replayed.empty()
                                       : chunk == std::pair(change.from, change.from_epoch);
    Expect(follows, "chunk ", change.chunk, ": the log of changes has a gap before epoch ", change.to_epoch);
    chunk = {change.to, change.to_epoch};
  }
  Expect(replayed.size() == state.chunks->size(), "the log knows ", replayed.size(), " of ", state.chunks->size(),
         " chunks");
  for (const auto& [id, chunk] : *state.chunks)
    Expect(replayed[id] == std::pair(chunk->state, chunk->epoch), Describe(*chunk), " is not what the log says");
}

void Auditor::CheckTruth(const MemoryState& state, const SimApi& api, absl::CivilDay first, absl::CivilDay last,
                         absl::Time at) {
  // Windows that cannot be read at all hold what earlier reads brought.
  const auto left_out = [&](const std::string& advertiser, const std::string& day) {
    return day < FormatDay(first) || day > FormatDay(last) ||
           std::any_of(state.chunks->begin(), state.chunks->end(), [&](const auto& entry) {
             const Chunk& chunk = *entry.second;
             return chunk.state == ChunkState::kDead && chunk.advertiser == advertiser &&
                    FormatDay(chunk.window.first) <= day && day <= FormatDay(chunk.window.last);
           });
  };
  RowMap truth, rows = RowsOf(state);
  for (const auto& [id, advertiser] : *state.advertisers) Add(id, api.Rows(id, first, last, at), truth);
  for (RowMap* map : {&truth, &rows})
    std::erase_if(*map, [&](const auto& row) { return left_out(std::get<0>(row.first), std::get<1>(row.first)); });
  int lost = 0, unexpected = 0, wrong = 0;
  for (const auto& [key, figures] : truth) {
    const auto there = rows.find(key);
    lost += there == rows.end() ? 1 : 0;
    wrong += there != rows.end() && there->second != figures ? 1 : 0;
  }
  for (const auto& [key, figures] : rows) {
    unexpected += truth.contains(key) ? 0 : 1;
    if (!truth.contains(key))
      world_.Trace("unexpected: ", std::get<0>(key), " ", std::get<1>(key), " ", std::get<2>(key));
  }
  Expect(lost + unexpected + wrong == 0, "rows lost ", lost, ", unexpected ", unexpected, ", wrong ", wrong);
}

}  // namespace tikhaul
