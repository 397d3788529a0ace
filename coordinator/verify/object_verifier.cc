#include "coordinator/verify/object_verifier.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/catalog/figures.h"
#include "common/catalog/slices.h"
#include "coordinator/verify/day_reads.h"
#include "coordinator/verify/stored_figures.h"

namespace tikhaul {
namespace {

constexpr size_t kMostUnknownIds = 1000;

// The filter by which a list of objects is narrowed to some of them (tiktok-api.md 6.1).
std::string FilterOf(const std::string& id_column) { return absl::StrCat(id_column, "s"); }

DecimalSum Count(uint64_t number) { return DecimalSum(Decimal{static_cast<int64_t>(number), 0}); }

std::string KeyColumnOf(const TableSchema& table) {
  for (const TableColumn& column : table.columns) {
    if (column.key && column.name != "advertiser_id") return column.name;
  }
  return "";
}

}  // namespace

ObjectVerifier::ObjectVerifier(const VerifyTask& task, const ExtractRegistry& extracts, Store& store,
                               FigureAsker& asker, v1::VerifyResult& result)
    : task_(task),
      extract_(*task.extract),
      extracts_(extracts),
      store_(store),
      asker_(asker),
      result_(result),
      findings_(result),
      id_column_(KeyColumnOf(extract_.table)) {}

absl::Status ObjectVerifier::Run() {
  ASSIGN_OR_RETURN(const std::vector<Part> parts, Parts());
  if (parts.empty()) {
    result_.set_state("not compared");
    result_.set_note(
        absl::StrCat("nothing is read yet; `tikhaul backfill ", extract_.spec.name(), "` reads its objects"));
    return absl::OkStatus();
  }
  for (const Part& part : parts) RETURN_IF_ERROR(VerifyPart(part));
  Window all = parts.front().window;
  all.last = parts.back().window.last;
  for (const RegisteredExtract& report : extracts_.all()) {
    const StreamSpec& stream = *FindStream(report.spec.stream());
    const bool is_report = stream.kind == StreamKind::kReport && !stream.report_type.empty();
    if (is_report && IdColumnOf(report.spec) == id_column_) RETURN_IF_ERROR(CheckMentioned(report, all));
  }
  findings_.Finish();
  return absl::OkStatus();
}

// Oldest creation first.
absl::StatusOr<std::vector<ObjectVerifier::Part>> ObjectVerifier::Parts() {
  ASSIGN_OR_RETURN(const StoredReads known, LoadReads(store_, extract_.spec.name(), task_.advertiser.id));
  std::vector<Part> parts;
  const DayReads reads(known.ledger, absl::CivilDay(1970, 1, 1), absl::CivilDay(9999, 1, 1), WindowKind::kCreated);
  const std::vector<const LedgerEntry*> whole = reads.Whole();
  for (const auto& [day, entry] : reads.newest()) {
    const bool goes_on =
        !parts.empty() && parts.back().read.chunk == entry->chunk && parts.back().window.last + 1 == day;
    if (!goes_on) {
      const bool is_whole = std::find(whole.begin(), whole.end(), entry) != whole.end();
      parts.push_back(
          {.window = {.kind = WindowKind::kCreated, .first = day, .last = day}, .read = *entry, .whole = is_whole});
    }
    parts.back().window.last = day;
  }
  // A read of all objects replaces what was read by creation time before it.
  std::optional<LedgerEntry> all;
  const auto is_newer = [](const LedgerEntry& a, const LedgerEntry& b) {
    return std::pair(a.committed, a.chunk) > std::pair(b.committed, b.chunk);
  };
  for (const LedgerEntry& entry : known.ledger) {
    if (entry.window.kind == WindowKind::kWhole && (!all.has_value() || is_newer(entry, *all))) all = entry;
  }
  const bool by_parts = std::any_of(parts.begin(), parts.end(),
                                    [&](const Part& part) { return !all.has_value() || is_newer(part.read, *all); });
  if (!by_parts && all.has_value()) parts = {{.window = all->window, .read = *all, .whole = true}};
  return parts;
}

Found ObjectVerifier::FoundIn(const Window& window, uint64_t stored, uint64_t other) const {
  Found found{.reason = {}, .detail = {}, .days = {}};
  if (window.kind == WindowKind::kCreated) found.days = Coverage{window.first, window.last};
  found.metric = "objects";
  found.stored = Count(stored);
  found.api = Count(other);
  found.mend = absl::StrCat("tikhaul sync ", extract_.spec.name());
  return found;
}

absl::Status ObjectVerifier::VerifyPart(const Part& part) {
  ASSIGN_OR_RETURN(const uint64_t stored, CountStored(part.window));
  const uint64_t proved = part.read.distinct_keys;
  if (part.whole && stored != proved) {
    Found found = FoundIn(part.window, stored, proved);
    found.reason = "rows_lost";
    found.detail =
        absl::StrCat("the newest read, of ", FormatInstant(part.read.committed), ", proves ", proved,
                     " objects, the table holds ", stored, ": they were changed by something else than tikhaul");
    found.mend =
        absl::StrCat("tikhaul backfill ", extract_.spec.name(), " --advertiser ", task_.advertiser.id, " --again");
    findings_.Flag(found);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const uint64_t listed, CountListed(part.window, {}));
  if (listed == stored) {
    findings_.Equal(1);
    return absl::OkStatus();
  }
  Found found = FoundIn(part.window, stored, listed);
  if (part.whole) {
    found.reason = "newer_objects";
    found.detail = absl::StrCat("the table is as it was read at ", FormatInstant(part.read.committed),
                                "; since then objects were made or removed");
    findings_.Explain(std::move(found), false);
  } else {
    found.reason = listed > stored ? "objects_missing" : "objects_surplus";
    found.detail = "the API lists another number of objects made on these days";
    findings_.Flag(found);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ObjectVerifier::CountStored(const Window& window) {
  uint64_t count = 0;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    const auto until = [&](absl::Time created) -> absl::StatusOr<uint64_t> {
      ASSIGN_OR_RETURN(const ObjectCounts counts, reader.CountObjects(extract_.table, task_.advertiser.id, created));
      return counts.present;
    };
    if (window.kind == WindowKind::kWhole) {
      ASSIGN_OR_RETURN(count, until(absl::InfiniteFuture()));
      return absl::OkStatus();
    }
    const absl::TimeZone utc = absl::UTCTimeZone();
    ASSIGN_OR_RETURN(const uint64_t before, until(DayStart(utc, window.first) - absl::Seconds(1)));
    ASSIGN_OR_RETURN(const uint64_t all, until(DayEnd(utc, window.last) - absl::Seconds(1)));
    count = all - before;
    return absl::OkStatus();
  }));
  return count;
}

// One call per sweep of the stream. `ids`: only these objects; empty: all.
absl::StatusOr<uint64_t> ObjectVerifier::CountListed(const Window& window, const std::vector<std::string>& ids) {
  uint64_t listed = 0;
  const v1::ReadPlan plan = CompileReadPlan(extract_.spec, "", task_.advertiser.id, window);
  for (const v1::ApiRequest& request : plan.requests()) {
    const v1::ApiRequest asked = ids.empty() ? request : NarrowListing(request, FilterOf(id_column_), ids);
    ASSIGN_OR_RETURN(const ReportPage page, asker_.AskPage(asked, 1, 1));
    listed += static_cast<uint64_t>(page.total_number);
  }
  return listed;
}

absl::Status ObjectVerifier::CheckMentioned(const RegisteredExtract& report, const Window& window) {
  std::vector<std::string> unknown;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(unknown, reader.ListUnknownIds(report.table.name, extract_.table.name, id_column_,
                                                    task_.advertiser.id, kMostUnknownIds));
    return absl::OkStatus();
  }));
  if (unknown.empty()) {
    findings_.Equal(1);
    return absl::OkStatus();
  }
  uint64_t listed = 0;
  for (size_t first = 0; first < unknown.size(); first += kMostFilterIds) {
    const auto begin = unknown.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = unknown.begin() + static_cast<std::ptrdiff_t>(std::min(unknown.size(), first + kMostFilterIds));
    ASSIGN_OR_RETURN(const uint64_t some, CountListed(window, {begin, end}));
    listed += some;
  }
  Found found = FoundIn({}, 0, listed);
  found.id = unknown.front();
  found.detail =
      absl::StrCat("table ", report.table.name, " mentions ", unknown.size(),
                   unknown.size() == kMostUnknownIds ? " or more" : "", " ids that table ", extract_.table.name,
                   " lacks, the first of them ", unknown.front(), "; of these the API lists ", listed);
  if (listed > 0) {
    found.reason = "objects_missing";
    findings_.Flag(found);
  } else {
    found.reason = "gone_in_api";
    found.mend.clear();
    findings_.Explain(std::move(found), false);
  }
  return absl::OkStatus();
}

}  // namespace tikhaul
