#include "coordinator/ingest/restated_days.h"

#include <algorithm>
#include <utility>

#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "coordinator/core/coverage.h"
#include "coordinator/core/finality.h"
#include "coordinator/finality_rule.h"

namespace tikhaul {
namespace {

// The day that tells how old a row of `day` is: without a time dimension rows stand under their window's first day but
// are of all its days.
absl::CivilDay NewestDayOf(const RegisteredExtract& extract, const Chunk& chunk, absl::CivilDay day) {
  return extract.granularity == Granularity::kNone ? chunk.window.last : day;
}

}  // namespace

absl::StatusOr<EarlierReads> FindEarlierReads(StoreReader& reader, const RegisteredExtract& extract,
                                              absl::TimeZone zone, const Chunk& chunk) {
  EarlierReads earlier;
  const Window& window = chunk.window;
  if (window.kind != WindowKind::kDays || extract.table.mode != WriteMode::kMerge) return earlier;
  ASSIGN_OR_RETURN(earlier.days, reader.ListCoverageWithin(chunk.extract, chunk.advertiser, window.first, window.last));
  if (earlier.days.empty()) return earlier;
  const LedgerFilter filter{
      .extract = chunk.extract, .advertiser = chunk.advertiser, .first_day = window.first, .last_day = window.last};
  ASSIGN_OR_RETURN(std::vector<LedgerEntry> ledger, reader.ListLedger(filter, 0, 0));
  std::stable_sort(ledger.begin(), ledger.end(),
                   [](const LedgerEntry& a, const LedgerEntry& b) { return a.committed < b.committed; });
  const FinalityRule rule = RuleFor(extract, zone);
  for (const LedgerEntry& entry : ledger) {  // the newest read of a day has the last word
    for (const Coverage& read : Clip(earlier.days, entry.window.first, entry.window.last)) {
      for (absl::CivilDay day = read.first; day <= read.last; ++day) {
        const absl::CivilDay newest = extract.granularity == Granularity::kNone ? entry.window.last : day;
        earlier.finality[day] = FinalityOf(rule, newest, ReadAt(entry));
      }
    }
  }
  return earlier;
}

absl::Status RecordRestatements(StoreTransaction& tx, const RegisteredExtract& extract, absl::TimeZone zone,
                                const Chunk& chunk, const EarlierReads& earlier, const std::vector<DayChange>& changes,
                                absl::Time read_at, absl::Time settled) {
  const FinalityRule rule = RuleFor(extract, zone);
  for (const DayChange& change : changes) {
    const absl::CivilDay newest = NewestDayOf(extract, chunk, change.day);
    const auto before = earlier.finality.find(change.day);
    RETURN_IF_ERROR(tx.AddRestatement(
        {.extract = chunk.extract,
         .advertiser = chunk.advertiser,
         .run_id = chunk.run_id,
         .chunk = chunk.id,
         .epoch = chunk.epoch,
         .settled = settled,
         .age_days = static_cast<int>(DayIn(zone, settled) - newest),
         .finality_before = before == earlier.finality.end() ? Finality::kProvisional : before->second,
         .change = change}));
    const Finality by_age = FinalityOf(rule, newest, read_at);
    const Finality after = FinalityAfter(by_age, change);
    if (after == by_age) continue;
    const RowScope rows{
        .advertiser = chunk.advertiser, .day_column = extract.day_column, .first = change.day, .last = change.day};
    RETURN_IF_ERROR(tx.SetFinality(extract.table, rows, after));
  }
  if (earlier.days.empty()) return absl::OkStatus();
  return tx.ForgetRestatements(chunk.extract, chunk.advertiser,
                               settled - absl::Hours(24) * extract.spec.restatement_days());
}

}  // namespace tikhaul
