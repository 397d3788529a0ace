// What calendars are painted of: one statement for all advertisers of a part.
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "coordinator/store/sql/sql_store.h"
#include "coordinator/store/sql/where.h"

namespace tikhaul {
namespace {

// Windows of days, of the columns that ledger, coverage and chunks share.
Where Touching(const CalendarPart& part) {
  Where where;
  where.Add("extract = ?", part.extract);
  where.Add("advertiser >= ?", part.first_advertiser);
  where.AddUnlessEmpty("advertiser <= ?", part.last_advertiser);
  where.Add("last_day >= ?", FormatDay(part.first));
  where.Add("first_day <= ?", FormatDay(part.last));
  return where;
}

}  // namespace

absl::StatusOr<std::vector<CoveredDays>> SqlReader::ListCoveredDays(const CalendarPart& part) {
  return ReadAll<CoveredDays>(
      Touching(part).Query(db_, "SELECT advertiser, first_day, last_day FROM tikhaul_coverage", " ORDER BY 1, 2"),
      [](SqlRow& row) {
        CoveredDays covered;
        row.Read(covered.advertiser, covered.days.first, covered.days.last);
        return covered;
      });
}

absl::StatusOr<std::vector<ReadDays>> SqlReader::ListReadDays(const CalendarPart& part) {
  Where where = Touching(part);
  where.Add("window_kind = ?", Name(WindowKind::kDays));
  where.Add("only_metrics = ''");
  return ReadAll<ReadDays>(
      where.Query(db_, "SELECT advertiser, first_day, last_day, claimed_at, committed_at, by_probe FROM tikhaul_ledger",
                  " ORDER BY advertiser, last_day DESC, committed_at DESC, id DESC"),
      [](SqlRow& row) {
        ReadDays read;
        row.Read(read.advertiser, read.days.first, read.days.last, read.claimed, read.committed, read.by_probe);
        return read;
      });
}

absl::StatusOr<std::vector<OpenDays>> SqlReader::ListOpenDays(const CalendarPart& part) {
  std::vector<OpenDays> open;
  for (const ChunkState state : {ChunkState::kReady, ChunkState::kRunning, ChunkState::kDead}) {
    Where where = Touching(part);
    // As a literal: only so does SQLite see that the index of the chunks of this state will do.
    where.Add(absl::StrCat("state = '", Name(state), "'"));
    where.Add("window_kind = ?", Name(WindowKind::kDays));
    const bool dead = state == ChunkState::kDead;
    ASSIGN_OR_RETURN(const std::vector<OpenDays> some,
                     ReadAll<OpenDays>(
                         where.Query(db_,
                                     absl::StrCat("SELECT advertiser, first_day, last_day, ", dead ? "died_at" : "NULL",
                                                  " FROM tikhaul_chunk INDEXED BY tikhaul_chunk_", Name(state),
                                                  dead ? " JOIN tikhaul_dead_letter ON chunk = id" : ""),
                                     ""),
                         [state](SqlRow& row) {
                           OpenDays one{.advertiser = {}, .days = {}, .state = state};
                           row.Read(one.advertiser, one.days.first, one.days.last, one.died);
                           return one;
                         }));
    open.insert(open.end(), some.begin(), some.end());
  }
  SortOpenDays(open);
  return open;
}

}  // namespace tikhaul
