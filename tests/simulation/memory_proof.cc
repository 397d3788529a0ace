// The proof of what is complete: ledger, coverage, cursors, restatements.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

constexpr size_t kNewestEntries = 16;

bool Passes(const LedgerFilter& filter, const LedgerEntry& entry) {
  const bool whole = entry.window.kind == WindowKind::kWhole;
  return (filter.extract.empty() || filter.extract == entry.extract) &&
         (filter.advertiser.empty() || filter.advertiser == entry.advertiser) &&
         (!filter.first_day.has_value() || whole || entry.window.last >= *filter.first_day) &&
         (!filter.last_day.has_value() || whole || entry.window.first <= *filter.last_day) &&
         (!filter.only_by_probe || entry.by_probe) && (filter.fills_too || entry.only_metrics.empty());
}

absl::CivilDay NewestDay(const LedgerEntry& entry) {
  return entry.window.kind == WindowKind::kWhole ? absl::CivilDay::min() : entry.window.last;
}

bool Passes(const RestatementFilter& filter, const Restatement& one) {
  return (filter.extract.empty() || filter.extract == one.extract) &&
         (filter.advertiser.empty() || filter.advertiser == one.advertiser) &&
         (!filter.first_day.has_value() || one.change.day >= *filter.first_day) &&
         (!filter.last_day.has_value() || one.change.day <= *filter.last_day) && one.age_days >= filter.least_age_days;
}

}  // namespace

absl::StatusOr<std::vector<LedgerEntry>> MemoryReader::ListLedger(const LedgerFilter& filter, size_t offset,
                                                                  size_t limit) {
  std::vector<const LedgerEntry*> picked;  // the newest first
  for (auto entry = state_.ledger->rbegin(); entry != state_.ledger->rend(); ++entry) {
    if (Passes(filter, **entry)) picked.push_back(entry->get());
  }
  std::stable_sort(picked.begin(), picked.end(), [](const LedgerEntry* a, const LedgerEntry* b) {
    const absl::CivilDay day_a = NewestDay(*a), day_b = NewestDay(*b);
    return std::tie(day_b, b->committed) < std::tie(day_a, a->committed);
  });
  std::vector<LedgerEntry> list;
  for (const LedgerEntry* entry : PageOf(std::move(picked), offset, limit)) list.push_back(*entry);
  return list;
}

absl::Status MemoryTransaction::AddLedger(const LedgerEntry& entry) {
  LedgerEntry stored = entry;
  stored.committed = ToSecond(stored.committed);
  if (stored.window.kind == WindowKind::kWhole) stored.window.first = stored.window.last = absl::CivilDay();
  state_.ledger.Edit().push_back(std::make_shared<const LedgerEntry>(std::move(stored)));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<double>> MemoryReader::RowsPerDay(const std::string& extract,
                                                               const std::string& advertiser) {
  int64_t days = 0;
  uint64_t rows = 0;
  size_t entries = 0;
  for (auto at = state_.ledger->rbegin(); at != state_.ledger->rend() && entries < kNewestEntries; ++at) {
    const LedgerEntry& entry = **at;
    if (entry.extract != extract || entry.advertiser != advertiser || entry.by_probe || !entry.only_metrics.empty())
      continue;
    days += entry.window.Days();
    rows += entry.promised_rows > 0 ? entry.promised_rows : entry.rows;
    ++entries;
  }
  if (days <= 0) return std::optional<double>();
  return std::optional<double>(static_cast<double>(rows) / static_cast<double>(days));
}

absl::StatusOr<std::vector<Coverage>> MemoryReader::ListCoverage(const std::string& extract,
                                                                 const std::string& advertiser) {
  const auto found = state_.coverage->find({extract, advertiser});
  return found == state_.coverage->end() ? std::vector<Coverage>() : found->second;
}

absl::StatusOr<std::vector<Coverage>> MemoryReader::ListCoverageWithin(const std::string& extract,
                                                                       const std::string& advertiser,
                                                                       absl::CivilDay first, absl::CivilDay last) {
  const absl::StatusOr<std::vector<Coverage>> all = ListCoverage(extract, advertiser);
  std::vector<Coverage> cut;
  for (const Coverage& interval : *all) {
    if (interval.last < first || interval.first > last) continue;
    cut.push_back({std::max(interval.first, first), std::min(interval.last, last)});
  }
  return cut;
}

absl::Status MemoryTransaction::PutCoverage(const std::string& extract, const std::string& advertiser,
                                            const std::vector<Coverage>& coverage) {
  std::vector<Coverage>& stored = state_.coverage.Edit()[{extract, advertiser}];
  stored = coverage;
  std::sort(stored.begin(), stored.end(), [](const Coverage& a, const Coverage& b) { return a.first < b.first; });
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Cursor>> MemoryReader::GetCursor(const std::string& extract,
                                                              const std::string& advertiser) {
  const auto found = state_.cursors->find({extract, advertiser});
  return found == state_.cursors->end() ? std::nullopt : std::optional<Cursor>(found->second);
}

absl::StatusOr<std::vector<Cursor>> MemoryReader::ListCursors(const std::string& extract) {
  std::vector<Cursor> list;
  for (const auto& [key, cursor] : *state_.cursors) {
    if (extract.empty() || cursor.extract == extract) list.push_back(cursor);
  }
  return list;
}

absl::Status MemoryTransaction::PutCursor(const Cursor& cursor) {
  Cursor& stored = state_.cursors.Edit()[{cursor.extract, cursor.advertiser}];
  stored = cursor;
  stored.updated = ToSecond(stored.updated);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Restatement>> MemoryReader::ListRestatements(const RestatementFilter& filter, size_t offset,
                                                                        size_t limit) {
  std::vector<Restatement> list;
  for (auto at = state_.restatements->rbegin(); at != state_.restatements->rend(); ++at) {
    if (Passes(filter, **at)) list.push_back(**at);
  }
  std::stable_sort(list.begin(), list.end(), [](const Restatement& a, const Restatement& b) {
    return std::tie(b.change.day, b.settled) < std::tie(a.change.day, a.settled);
  });
  return PageOf(std::move(list), offset, limit);
}

absl::StatusOr<std::vector<Movement>> MemoryReader::ListMovement(const std::string& extract,
                                                                 const std::string& advertiser, absl::Time since) {
  std::map<std::pair<int, std::string>, Movement> movements;
  for (const auto& one : *state_.restatements) {
    const bool counts = one->extract == extract && one->advertiser == advertiser && one->settled >= ToSecond(since) &&
                        one->finality_before != Finality::kProvisional;
    if (!counts) continue;
    for (const RestatedMetric& metric : one->change.metrics) {
      if (!metric.sums.has_value() || metric.rows <= metric.filled) continue;
      Movement& movement = movements[{one->age_days, metric.metric}];
      movement.age_days = one->age_days;
      movement.metric = metric.metric;
      ++movement.days;
      movement.moved += std::strtod(metric.sums->moved.c_str(), nullptr);
    }
  }
  std::vector<Movement> list;
  for (const auto& [key, movement] : movements) list.push_back(movement);
  return list;
}

absl::Status MemoryTransaction::AddRestatement(const Restatement& restatement) {
  Restatement stored = restatement;
  stored.settled = ToSecond(stored.settled);
  std::sort(stored.change.metrics.begin(), stored.change.metrics.end(),
            [](const RestatedMetric& a, const RestatedMetric& b) { return a.metric < b.metric; });
  state_.restatements.Edit().push_back(std::make_shared<const Restatement>(std::move(stored)));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::ForgetRestatements(const std::string& extract, const std::string& advertiser,
                                                   absl::Time before) {
  const auto old = [&](const auto& one) {
    return one->extract == extract && one->advertiser == advertiser && one->settled < ToSecond(before);
  };
  if (std::any_of(state_.restatements->begin(), state_.restatements->end(), old))
    std::erase_if(state_.restatements.Edit(), old);
  return absl::OkStatus();
}

}  // namespace tikhaul
