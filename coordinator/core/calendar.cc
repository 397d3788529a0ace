#include "coordinator/core/calendar.h"

#include <algorithm>
#include <utility>

namespace tikhaul {
namespace {

char LetterOf(Finality finality) {
  switch (finality) {
    case Finality::kProvisional:
      return kProvisionalDay;
    case Finality::kSettling:
      return kSettlingDay;
    case Finality::kFinal:
      return kFinalDay;
  }
  return kProvisionalDay;
}

// A row of days with what is found out about each.
class Painter {
 public:
  Painter(absl::CivilDay first, absl::CivilDay last)
      : first_(first),
        last_(last),
        letters_(first > last ? 0 : static_cast<size_t>(last - first + 1), kNotWanted),
        newest_(letters_.size(), absl::InfinitePast()) {}

  // Calls `paint` with the letter and the newest read of each day of `days` that is in the row.
  template <typename Paint>
  void For(Coverage days, Paint paint) {
    const absl::CivilDay from = std::max(days.first, first_), to = std::min(days.last, last_);
    if (from > to) return;
    const size_t begin = static_cast<size_t>(from - first_), end = static_cast<size_t>(to - first_) + 1;
    for (size_t i = begin; i < end; ++i) paint(letters_[i], newest_[i]);
  }

  // Days that are covered and still without a read get the worth of this one. To be called newest read first.
  void Read(const FinalityRule& rule, const ReadDays& read) {
    const absl::Time at = ReadAt(read.claimed, read.committed);
    absl::CivilDay day = std::max(read.days.first, first_);
    For(read.days, [&](char& letter, absl::Time& newest) {
      if (letter == kProvisionalDay && newest == absl::InfinitePast()) {
        newest = read.committed;
        letter = read.by_probe ? kIdle : LetterOf(FinalityOf(rule, day, at));
      }
      ++day;
    });
  }

  std::string Take() { return std::move(letters_); }

 private:
  const absl::CivilDay first_, last_;
  std::string letters_;
  std::vector<absl::Time> newest_;  // committed
};

}  // namespace

std::optional<Coverage> WantedDays(const CalendarFacts& facts) {
  std::optional<Coverage> wanted;
  const auto add = [&](Coverage days) {
    if (!wanted.has_value()) wanted = days;
    wanted->first = std::min(wanted->first, days.first);
    wanted->last = std::max(wanted->last, days.last);
  };
  for (const CoveredDays& covered : facts.covered) add(covered.days);
  for (const OpenDays& open : facts.open) add(open.days);
  if (wanted.has_value() && facts.wanted_from.has_value()) add({*facts.wanted_from, *facts.wanted_from});
  return wanted;
}

std::string PaintDays(const FinalityRule& rule, const CalendarFacts& facts, absl::CivilDay first, absl::CivilDay last) {
  Painter row(first, last);
  if (const std::optional<Coverage> wanted = WantedDays(facts); wanted.has_value())
    row.For(*wanted, [](char& letter, absl::Time) { letter = kMissing; });
  const auto paint_open = [&](ChunkState state, auto paint) {
    for (const OpenDays& open : facts.open) {
      if (open.state != state) continue;
      row.For(open.days, [&](char& letter, absl::Time newest) { paint(open, letter, newest); });
    }
  };
  paint_open(ChunkState::kReady, [](const OpenDays&, char& letter, absl::Time) { letter = kWaits; });
  // Until its newest read is found, a covered day is as doubtful as can be.
  for (const CoveredDays& covered : facts.covered)
    row.For(covered.days, [](char& letter, absl::Time) { letter = kProvisionalDay; });
  std::vector<const ReadDays*> reads;
  for (const ReadDays& read : facts.reads) reads.push_back(&read);
  std::stable_sort(reads.begin(), reads.end(),
                   [](const ReadDays* a, const ReadDays* b) { return a->committed > b->committed; });
  for (const ReadDays* read : reads) row.Read(rule, *read);
  for (const MovedDay& moved : facts.moved) {
    row.For({moved.day, moved.day}, [&](char& letter, absl::Time newest) {
      if (letter == kFinalDay && newest <= moved.settled) letter = kSettlingDay;
    });
  }
  paint_open(ChunkState::kDead, [](const OpenDays& open, char& letter, absl::Time newest) {
    if (newest <= open.died) letter = kDead;
  });
  paint_open(ChunkState::kRunning, [](const OpenDays&, char& letter, absl::Time) { letter = kRuns; });
  return row.Take();
}

}  // namespace tikhaul
