#include "coordinator/verify/day_reads.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/model/names.h"
#include "coordinator/core/coverage.h"

namespace tikhaul {

DayReads::DayReads(const std::vector<LedgerEntry>& ledger, absl::CivilDay first, absl::CivilDay last, WindowKind kind) {
  std::vector<const LedgerEntry*> entries;
  for (const LedgerEntry& entry : ledger) {
    if (entry.window.kind == kind) entries.push_back(&entry);
  }
  std::sort(entries.begin(), entries.end(), [](const LedgerEntry* a, const LedgerEntry* b) {
    return std::tie(a->committed, a->chunk, a->epoch) < std::tie(b->committed, b->chunk, b->epoch);
  });
  for (const LedgerEntry* entry : entries) {
    const absl::CivilDay end = std::min(last, entry->window.last);
    for (absl::CivilDay day = std::max(first, entry->window.first); day <= end; ++day) newest_[day] = entry;
  }
}

const LedgerEntry* DayReads::Of(absl::CivilDay day) const {
  const auto found = newest_.find(day);
  return found == newest_.end() ? nullptr : found->second;
}

std::vector<const LedgerEntry*> DayReads::Whole() const {
  std::map<const LedgerEntry*, int64_t> days;
  for (const auto& [day, entry] : newest_) ++days[entry];
  std::vector<const LedgerEntry*> whole;
  for (const auto& [entry, count] : days) {
    if (count == entry->window.Days()) whole.push_back(entry);
  }
  std::sort(whole.begin(), whole.end(),
            [](const LedgerEntry* a, const LedgerEntry* b) { return a->window.first < b->window.first; });
  return whole;
}

std::vector<Window> WindowsToCompare(const std::vector<Coverage>& committed, absl::CivilDay first, absl::CivilDay last,
                                     int longest) {
  std::vector<Window> windows;
  for (const Coverage& stretch : Clip(committed, first, last)) {
    for (absl::CivilDay from = stretch.first; from <= stretch.last; from += longest) {
      windows.push_back({.kind = WindowKind::kDays, .first = from, .last = std::min(from + longest - 1, stretch.last)});
    }
  }
  return windows;
}

std::vector<Unread> UnreadDays(const std::vector<Coverage>& committed, const std::vector<Chunk>& open,
                               absl::CivilDay first, absl::CivilDay last) {
  std::vector<Unread> unread;
  std::vector<Coverage> rest = Holes(committed, first, last);
  const auto take = [&](const Chunk& chunk, const std::string& why, bool dead) {
    for (const Coverage& days : Clip(rest, chunk.window.first, chunk.window.last))
      unread.push_back({.days = days, .why = why, .dead = dead, .pending = !dead});
    rest = SubtractIntervals(rest, {{chunk.window.first, chunk.window.last}});
  };
  for (const ChunkState state : {ChunkState::kRunning, ChunkState::kReady, ChunkState::kDead}) {
    for (const Chunk& chunk : open) {
      if (chunk.state != state || chunk.window.kind != WindowKind::kDays) continue;
      if (state == ChunkState::kDead) {
        const std::string failure = chunk.last_failure.has_value() ? absl::StrCat(Name(*chunk.last_failure), ": ") : "";
        take(chunk, absl::StrCat("chunk ", chunk.id, " is a dead letter (", failure, chunk.last_error, ")"), true);
      } else {
        take(chunk, absl::StrCat("chunk ", chunk.id, " is ", Name(state), ", its days are not read yet"), false);
      }
    }
  }
  for (const Coverage& days : rest) unread.push_back({.days = days, .why = "no run has read these days"});
  std::sort(unread.begin(), unread.end(), [](const Unread& a, const Unread& b) { return a.days.first < b.days.first; });
  return unread;
}

}  // namespace tikhaul
