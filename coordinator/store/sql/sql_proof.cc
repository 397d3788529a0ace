// The proof of what is complete: ledger, coverage, cursors.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/civil.h"
#include "common/base/digest.h"
#include "coordinator/store/sql/sql_chunks.h"
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {
namespace {

LedgerEntry ReadEntry(SqlRow& row) {
  LedgerEntry entry;
  std::string digest, request_ids;
  row.Read(entry.chunk, entry.run_id, entry.extract, entry.advertiser);
  ReadWindow(row, entry.window);
  row.Read(entry.epoch, entry.promised_rows, entry.rows, entry.distinct_keys, entry.pages, entry.calls, digest,
           request_ids, entry.attempts, entry.worker, entry.finality, entry.claimed, entry.committed, entry.inserted,
           entry.updated, entry.removed, entry.unchanged, entry.road, entry.by_probe, entry.only_metrics);
  if (!absl::SimpleHexAtoi(digest, &entry.digest)) entry.digest = 0;
  entry.request_ids = absl::StrSplit(request_ids, ' ', absl::SkipEmpty());
  return entry;
}

struct WindowRows {
  Window window;
  uint64_t rows = 0;
};

Cursor ReadCursor(SqlRow& row) {
  Cursor cursor;
  row.Read(cursor.extract, cursor.advertiser, cursor.first_day, cursor.through, cursor.cursor, cursor.updated);
  return cursor;
}

constexpr absl::string_view kSelectCursor =
    "SELECT extract, advertiser, first_day, through_day, cursor_day, updated_at FROM tikhaul_cursor";

}  // namespace

absl::StatusOr<std::vector<LedgerEntry>> SqlReader::ListLedger(const LedgerFilter& filter, size_t offset,
                                                               size_t limit) {
  Where where;
  where.AddUnlessEmpty("extract = ?", filter.extract);
  where.AddUnlessEmpty("advertiser = ?", filter.advertiser);
  // A whole window overlaps with every day.
  if (filter.first_day.has_value()) where.Add("(last_day IS NULL OR last_day >= ?)", FormatDay(*filter.first_day));
  if (filter.last_day.has_value()) where.Add("(first_day IS NULL OR first_day <= ?)", FormatDay(*filter.last_day));
  if (filter.only_by_probe) where.Add("by_probe = 1");
  if (!filter.fills_too) where.Add("only_metrics = ''");
  return ReadAll<LedgerEntry>(
      where.Query(db_,
                  "SELECT chunk, run_id, extract, advertiser, window_kind, first_day, last_day, epoch, promised_rows, "
                  "rows, distinct_keys, pages, calls, digest, request_ids, attempts, worker, finality, claimed_at, "
                  "committed_at, "
                  "inserted, updated, removed, unchanged, road, by_probe, only_metrics FROM tikhaul_ledger",
                  " ORDER BY last_day DESC NULLS LAST, committed_at DESC NULLS LAST, id DESC LIMIT ? OFFSET ?",
                  LimitValue(limit), offset),
      ReadEntry);
}

absl::Status SqlWriter::AddLedger(const LedgerEntry& entry) {
  return db_
      .Execute(
          "INSERT INTO tikhaul_ledger (chunk, run_id, extract, advertiser, window_kind, first_day, last_day, epoch, "
          "promised_rows, rows, distinct_keys, pages, calls, digest, request_ids, attempts, worker, finality, "
          "claimed_at, committed_at, inserted, updated, removed, unchanged, road, by_probe, only_metrics) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          entry.chunk, entry.run_id, entry.extract, entry.advertiser, entry.window.kind, FirstDay(entry.window),
          LastDay(entry.window), entry.epoch, entry.promised_rows, entry.rows, entry.distinct_keys, entry.pages,
          entry.calls, HashHex(entry.digest), absl::StrJoin(entry.request_ids, " "), entry.attempts, entry.worker,
          entry.finality, Instant{entry.claimed}, Instant{entry.committed}, entry.inserted, entry.updated,
          entry.removed, entry.unchanged, entry.road, entry.by_probe, entry.only_metrics)
      .status();
}

absl::StatusOr<std::optional<double>> SqlReader::RowsPerDay(const std::string& extract, const std::string& advertiser) {
  constexpr int kNewestEntries = 16;
  ASSIGN_OR_RETURN(
      const std::vector<WindowRows> newest,
      ReadAll<WindowRows>(
          db_.Query(
              "SELECT window_kind, first_day, last_day, CASE WHEN promised_rows > 0 THEN promised_rows ELSE rows "
              "END FROM tikhaul_ledger WHERE extract = ? AND advertiser = ? AND by_probe = 0 AND only_metrics = '' "
              "ORDER BY id DESC LIMIT ?",
              extract, advertiser, kNewestEntries),
          [](SqlRow& row) {
            WindowRows read;
            ReadWindow(row, read.window);
            row.Read(read.rows);
            return read;
          }));
  int64_t days = 0;
  uint64_t rows = 0;
  for (const WindowRows& read : newest) {
    days += read.window.kind == WindowKind::kWhole ? 1 : read.window.Days();
    rows += read.rows;
  }
  if (days <= 0) return std::optional<double>();
  return std::optional<double>(static_cast<double>(rows) / static_cast<double>(days));
}

absl::StatusOr<std::vector<Coverage>> SqlReader::ListCoverage(const std::string& extract,
                                                              const std::string& advertiser) {
  return ReadAll<Coverage>(db_.Query("SELECT first_day, last_day FROM tikhaul_coverage WHERE extract = ? AND "
                                     "advertiser = ? ORDER BY first_day",
                                     extract, advertiser),
                           [](SqlRow& row) {
                             Coverage coverage;
                             row.Read(coverage.first, coverage.last);
                             return coverage;
                           });
}

absl::StatusOr<std::vector<Coverage>> SqlReader::ListCoverageWithin(const std::string& extract,
                                                                    const std::string& advertiser, absl::CivilDay first,
                                                                    absl::CivilDay last) {
  return ReadAll<Coverage>(
      db_.Query("SELECT CASE WHEN first_day < ?3 THEN ?3 ELSE first_day END, CASE WHEN last_day > ?4 THEN ?4 ELSE "
                "last_day END FROM tikhaul_coverage WHERE extract = ?1 AND advertiser = ?2 AND last_day >= ?3 AND "
                "first_day <= ?4 ORDER BY 1",
                extract, advertiser, first, last),
      [](SqlRow& row) {
        Coverage coverage;
        row.Read(coverage.first, coverage.last);
        return coverage;
      });
}

absl::Status SqlWriter::PutCoverage(const std::string& extract, const std::string& advertiser,
                                    const std::vector<Coverage>& coverage) {
  RETURN_IF_ERROR(
      db_.Execute("DELETE FROM tikhaul_coverage WHERE extract = ? AND advertiser = ?", extract, advertiser).status());
  for (const Coverage& interval : coverage) {
    RETURN_IF_ERROR(db_.Execute("INSERT INTO tikhaul_coverage (extract, advertiser, first_day, last_day) "
                                "VALUES (?, ?, ?, ?)",
                                extract, advertiser, interval.first, interval.last)
                        .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Cursor>> SqlReader::GetCursor(const std::string& extract, const std::string& advertiser) {
  return ReadOne<Cursor>(
      db_.Query(absl::StrCat(kSelectCursor, " WHERE extract = ? AND advertiser = ?"), extract, advertiser), ReadCursor);
}

absl::StatusOr<std::vector<Cursor>> SqlReader::ListCursors(const std::string& extract) {
  Where where;
  where.AddUnlessEmpty("extract = ?", extract);
  return ReadAll<Cursor>(where.Query(db_, kSelectCursor, " ORDER BY extract, advertiser"), ReadCursor);
}

absl::Status SqlWriter::PutCursor(const Cursor& cursor) {
  return db_
      .Execute(
          PutSql("tikhaul_cursor", {"extract", "advertiser"}, {"first_day", "through_day", "cursor_day", "updated_at"}),
          cursor.extract, cursor.advertiser, cursor.first_day, cursor.through, cursor.cursor, Instant{cursor.updated})
      .status();
}

}  // namespace tikhaul
