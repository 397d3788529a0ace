// Chunks, which of them are next, and runs.
#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

bool Passes(const ChunkFilter& filter, const Chunk& chunk) {
  const auto matches = [](const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
  };
  return matches(filter.run_id, chunk.run_id) && matches(filter.extract, chunk.extract) &&
         matches(filter.advertiser, chunk.advertiser) && (!filter.state.has_value() || *filter.state == chunk.state) &&
         (!filter.last_failure.has_value() || filter.last_failure == chunk.last_failure);
}

bool SameWindow(const Window& a, const Window& b) {
  return a.kind == b.kind && (a.kind == WindowKind::kWhole || a == b);
}

bool IsPaused(const MemoryState& state, const Chunk& chunk) {
  return state.pauses->contains({"all", ""}) || state.pauses->contains({"run", chunk.run_id}) ||
         state.pauses->contains({"extract", chunk.extract}) ||
         state.pauses->contains({"connection", chunk.connection}) ||
         state.pauses->contains({"advertiser", chunk.advertiser});
}

// The chunk's access is not open, and is not to be asked now or is being asked by its scout.
bool WaitsForAccess(const MemoryState& state, const Chunk& chunk, absl::Time now, absl::Time hinted_before) {
  const auto extract = state.extracts->find(chunk.extract);
  if (extract == state.extracts->end()) return false;
  const auto found = state.accesses->find({chunk.advertiser, extract->second.endpoint});
  if (found == state.accesses->end() || found->second.access.state == AccessState::kOpen) return false;
  if (found->second.access.retry_at > now) return true;
  const auto scout = state.chunks->find(found->second.scout);
  if (scout == state.chunks->end()) return false;
  const Chunk& one = *scout->second;
  return one.state == ChunkState::kRunning || (one.state == ChunkState::kReady && one.hinted_at >= hinted_before);
}

absl::CivilDay NewestDay(const Chunk& chunk) {
  return chunk.window.kind == WindowKind::kWhole ? absl::CivilDay::min() : chunk.window.last;
}

// Changes those chunks that `which` picks. Returns how many.
template <typename Which, typename Change>
uint64_t ChangeChunks(MemoryState& state, Which which, Change change) {
  std::vector<ChunkId> picked;
  for (const auto& [id, chunk] : *state.chunks) {
    if (which(*chunk)) picked.push_back(id);
  }
  if (picked.empty()) return 0;
  auto& chunks = state.chunks.Edit();
  for (const ChunkId id : picked) {
    Chunk chunk = *chunks[id];
    change(chunk);
    chunks[id] = std::make_shared<const Chunk>(std::move(chunk));
  }
  return picked.size();
}

void CountState(ChunkState state, ChunkCounts& counts) {
  switch (state) {
    case ChunkState::kReady:
      ++counts.ready;
      break;
    case ChunkState::kRunning:
      ++counts.running;
      break;
    case ChunkState::kDone:
      ++counts.done;
      break;
    case ChunkState::kSplit:
      ++counts.split;
      break;
    case ChunkState::kCancelled:
      ++counts.cancelled;
      break;
    case ChunkState::kDead:
      ++counts.dead;
      break;
  }
}

}  // namespace

absl::StatusOr<std::optional<Chunk>> MemoryReader::GetChunk(ChunkId id) {
  const auto found = state_.chunks->find(id);
  if (found == state_.chunks->end()) return std::optional<Chunk>();
  return std::optional<Chunk>(*found->second);
}

absl::StatusOr<std::vector<Chunk>> MemoryReader::ListChunks(const ChunkFilter& filter, ChunkId after, size_t limit) {
  std::vector<Chunk> list;
  for (auto at = state_.chunks->upper_bound(after); at != state_.chunks->end(); ++at) {
    if (!Passes(filter, *at->second)) continue;
    list.push_back(*at->second);
    if (list.size() == limit) break;
  }
  return list;
}

absl::StatusOr<std::vector<Chunk>> MemoryReader::ListDispatchable(Dispatchable which, absl::Time now,
                                                                  absl::Time hinted_before, size_t limit) {
  const auto is_meant = [which](const Chunk& chunk) {
    return which == Dispatchable::kAll || (chunk.attempts.deliveries > 0 && chunk.hinted_at == absl::InfinitePast() &&
                                           chunk.last_failure.value_or(FailureClass::kCrash) == FailureClass::kCrash);
  };
  std::vector<const Chunk*> picked;
  for (const auto& [id, chunk] : *state_.chunks) {
    const bool may = chunk->state == ChunkState::kReady && chunk->not_before <= now &&
                     chunk->hinted_at < hinted_before && is_meant(*chunk) && !IsPaused(state_, *chunk) &&
                     !WaitsForAccess(state_, *chunk, now, hinted_before);
    if (may) picked.push_back(chunk.get());
  }
  std::sort(picked.begin(), picked.end(), [](const Chunk* a, const Chunk* b) {
    const absl::CivilDay newest_a = NewestDay(*a), newest_b = NewestDay(*b);
    return std::tie(a->priority, newest_b, a->id) < std::tie(b->priority, newest_a, b->id);
  });
  if (limit > 0 && picked.size() > limit) picked.resize(limit);
  std::vector<Chunk> list;
  for (const Chunk* chunk : picked) list.push_back(*chunk);
  return list;
}

absl::StatusOr<std::optional<absl::Time>> MemoryReader::NextNotBefore(absl::Time now) {
  std::optional<absl::Time> next;
  for (const auto& [id, chunk] : *state_.chunks) {
    if (chunk->state != ChunkState::kReady || chunk->not_before <= now) continue;
    if (!next.has_value() || chunk->not_before < *next) next = chunk->not_before;
  }
  return next;
}

absl::StatusOr<std::map<std::string, ChunkCounts>> MemoryReader::CountChunksByExtract() {
  std::map<std::string, ChunkCounts> by_extract;
  for (const auto& [id, chunk] : *state_.chunks) CountState(chunk->state, by_extract[chunk->extract]);
  return by_extract;
}

absl::StatusOr<ChunkCounts> MemoryReader::CountChunks(const std::string& run_id, std::optional<absl::Time> waiting_at) {
  ChunkCounts counts;
  for (const auto& [id, chunk] : *state_.chunks) {
    if (!run_id.empty() && chunk->run_id != run_id) continue;
    counts.calls += chunk->calls;
    CountState(chunk->state, counts);
    if (chunk->state == ChunkState::kReady && waiting_at.has_value() && chunk->not_before > *waiting_at)
      ++counts.waiting;
  }
  for (const auto& entry : *state_.ledger) {
    if (run_id.empty() || entry->run_id == run_id) counts.rows += entry->rows;
  }
  return counts;
}

absl::StatusOr<uint64_t> MemoryTransaction::InsertChunks(const std::vector<Chunk>& chunks) {
  uint64_t inserted = 0;
  for (const Chunk& chunk : chunks) {
    const bool taken = std::any_of(state_.chunks->begin(), state_.chunks->end(), [&](const auto& entry) {
      const Chunk& there = *entry.second;
      return there.state != ChunkState::kSplit && there.run_id == chunk.run_id && there.extract == chunk.extract &&
             there.advertiser == chunk.advertiser && there.only_metrics == chunk.only_metrics &&
             SameWindow(there.window, chunk.window);
    });
    if (taken) continue;
    Chunk stored = chunk;
    stored.id = ++state_.last_chunk;
    if (stored.window.kind == WindowKind::kWhole) stored.window.first = stored.window.last = absl::CivilDay();
    stored.not_before = ToMicrosecond(stored.not_before);
    stored.hinted_at = ToMicrosecond(stored.hinted_at);
    state_.chunks.Edit()[stored.id] = std::make_shared<const Chunk>(std::move(stored));
    ++inserted;
  }
  return inserted;
}

absl::Status MemoryTransaction::UpdateChunk(const Chunk& chunk) {
  const auto found = state_.chunks->find(chunk.id);
  if (found == state_.chunks->end()) return absl::NotFoundError(absl::StrCat("there is no chunk ", chunk.id));
  Chunk stored = chunk;
  const Chunk& named = *found->second;
  stored.run_id = named.run_id;
  stored.extract = named.extract;
  stored.advertiser = named.advertiser;
  stored.window = named.window;
  stored.only_metrics = named.only_metrics;
  stored.not_before = ToMicrosecond(stored.not_before);
  stored.hinted_at = ToMicrosecond(stored.hinted_at);
  state_.chunks.Edit()[chunk.id] = std::make_shared<const Chunk>(std::move(stored));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::MarkHinted(const std::vector<ChunkId>& ids, absl::Time at) {
  ChangeChunks(
      state_, [&](const Chunk& chunk) { return std::find(ids.begin(), ids.end(), chunk.id) != ids.end(); },
      [&](Chunk& chunk) { chunk.hinted_at = ToMicrosecond(at); });
  return absl::OkStatus();
}

absl::Status MemoryTransaction::ForgetHints() {
  ChangeChunks(
      state_,
      [](const Chunk& chunk) {
        return (chunk.state == ChunkState::kReady || chunk.state == ChunkState::kRunning) &&
               chunk.hinted_at != absl::InfinitePast();
      },
      [](Chunk& chunk) { chunk.hinted_at = absl::InfinitePast(); });
  return absl::OkStatus();
}

absl::Status MemoryTransaction::Postpone(const std::string& endpoint, const std::string& advertiser, absl::Time until) {
  ChangeChunks(
      state_,
      [&](const Chunk& chunk) {
        const auto extract = state_.extracts->find(chunk.extract);
        return chunk.state == ChunkState::kReady && chunk.advertiser == advertiser &&
               extract != state_.extracts->end() && extract->second.endpoint == endpoint;
      },
      [&](Chunk& chunk) {
        chunk.not_before = ToMicrosecond(until);
        chunk.hinted_at = absl::InfinitePast();
      });
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> MemoryTransaction::CancelChunks(const std::string& run_id) {
  return ChangeChunks(
      state_,
      [&](const Chunk& chunk) {
        return chunk.run_id == run_id && (chunk.state == ChunkState::kReady || chunk.state == ChunkState::kRunning);
      },
      [](Chunk& chunk) {
        chunk.state = ChunkState::kCancelled;
        ++chunk.epoch;
        chunk.owner.clear();
      });
}

absl::StatusOr<std::optional<Run>> MemoryReader::GetRun(const std::string& id) {
  const auto found = state_.runs->find(id);
  return found == state_.runs->end() ? std::nullopt : std::optional<Run>(found->second);
}

absl::StatusOr<std::vector<Run>> MemoryReader::ListRuns(const std::string& extract, size_t limit_finished) {
  std::vector<Run> running, finished;
  for (const auto& [id, run] : *state_.runs) {
    if (extract.empty() || run.extract == extract)
      (run.state == RunState::kRunning ? running : finished).push_back(run);
  }
  const auto newest_first = [](const Run& a, const Run& b) {
    return std::tie(b.created, a.id) < std::tie(a.created, b.id);
  };
  std::sort(running.begin(), running.end(), newest_first);
  std::sort(finished.begin(), finished.end(), newest_first);
  finished = PageOf(std::move(finished), 0, limit_finished);
  running.insert(running.end(), finished.begin(), finished.end());
  return running;
}

absl::StatusOr<std::vector<Run>> MemoryReader::FindRuns(const RunFilter& filter, size_t limit) {
  const auto newest_first = [](const Run& a, const Run& b) {
    return std::tie(b.created, a.id) < std::tie(a.created, b.id);
  };
  Run last;
  if (filter.after.has_value()) std::tie(last.created, last.id) = *filter.after;
  std::vector<Run> found;
  for (const auto& [id, run] : *state_.runs) {
    const bool fits = (filter.extract.empty() || run.extract == filter.extract) &&
                      run.kind == filter.kind.value_or(run.kind) && run.state == filter.state.value_or(run.state) &&
                      (!filter.after.has_value() || newest_first(last, run));
    if (fits) found.push_back(run);
  }
  std::sort(found.begin(), found.end(), newest_first);
  return PageOf(std::move(found), 0, limit);
}

absl::Status MemoryTransaction::InsertRun(const Run& run) {
  if (state_.runs->contains(run.id))
    return absl::AlreadyExistsError(absl::StrCat("there is a run ", run.id, " already"));
  state_.runs.Edit()[run.id] = {};
  return UpdateRun(run);
}

absl::Status MemoryTransaction::UpdateRun(const Run& run) {
  if (!state_.runs->contains(run.id)) return absl::NotFoundError(absl::StrCat("there is no run ", run.id));
  Run stored = run;
  stored.created = ToSecond(stored.created);
  if (stored.finished.has_value()) stored.finished = ToSecond(*stored.finished);
  state_.runs.Edit()[run.id] = std::move(stored);
  return absl::OkStatus();
}

}  // namespace tikhaul
