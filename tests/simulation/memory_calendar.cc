// What calendars are painted of.
#include <algorithm>
#include <tuple>

#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

bool Touches(const CalendarPart& part, const std::string& extract, const std::string& advertiser, Coverage days) {
  return extract == part.extract && advertiser >= part.first_advertiser &&
         (part.last_advertiser.empty() || advertiser <= part.last_advertiser) && days.last >= part.first &&
         days.first <= part.last;
}

Coverage DaysOf(const Window& window) { return {window.first, window.last}; }

}  // namespace

absl::StatusOr<std::vector<CoveredDays>> MemoryReader::ListCoveredDays(const CalendarPart& part) {
  std::vector<CoveredDays> list;
  for (const auto& [pair, intervals] : *state_.coverage) {
    for (const Coverage& days : intervals) {
      if (Touches(part, pair.first, pair.second, days)) list.push_back({.advertiser = pair.second, .days = days});
    }
  }
  return list;
}

absl::StatusOr<std::vector<ReadDays>> MemoryReader::ListReadDays(const CalendarPart& part) {
  std::vector<ReadDays> list;
  for (auto at = state_.ledger->rbegin(); at != state_.ledger->rend(); ++at) {
    const LedgerEntry& entry = **at;
    if (entry.window.kind != WindowKind::kDays || !entry.only_metrics.empty()) continue;
    if (!Touches(part, entry.extract, entry.advertiser, DaysOf(entry.window))) continue;
    list.push_back({.advertiser = entry.advertiser,
                    .days = DaysOf(entry.window),
                    .committed = entry.committed,
                    .by_probe = entry.by_probe,
                    .claimed = entry.claimed});
  }
  std::stable_sort(list.begin(), list.end(), [](const ReadDays& a, const ReadDays& b) {
    return std::tie(a.advertiser, b.days.last, b.committed) < std::tie(b.advertiser, a.days.last, a.committed);
  });
  return list;
}

absl::StatusOr<std::vector<OpenDays>> MemoryReader::ListOpenDays(const CalendarPart& part) {
  std::vector<OpenDays> list;
  for (const auto& [id, chunk] : *state_.chunks) {
    const bool open =
        chunk->state == ChunkState::kReady || chunk->state == ChunkState::kRunning || chunk->state == ChunkState::kDead;
    if (!open || chunk->window.kind != WindowKind::kDays) continue;
    if (!Touches(part, chunk->extract, chunk->advertiser, DaysOf(chunk->window))) continue;
    OpenDays one{.advertiser = chunk->advertiser, .days = DaysOf(chunk->window), .state = chunk->state};
    if (chunk->state == ChunkState::kDead) {
      const auto letter = state_.dead_letters->find(id);
      if (letter == state_.dead_letters->end()) continue;
      one.died = letter->second.died;
    }
    list.push_back(one);
  }
  SortOpenDays(list);
  return list;
}

}  // namespace tikhaul
