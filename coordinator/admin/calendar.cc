#include "coordinator/admin/calendar.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "coordinator/admin/convert.h"
#include "coordinator/core/calendar.h"
#include "coordinator/core/coverage.h"
#include "coordinator/finality_rule.h"

namespace tikhaul {
namespace {

constexpr uint32_t kDefaultRows = 500;
constexpr uint32_t kMostRows = 1000;
constexpr int64_t kMostDays = 4000;  // with kMostRows, a quarter of the largest message

struct Row {
  Advertiser advertiser;
  CalendarFacts facts;
};
using Rows = std::map<std::string, Row>;  // by advertiser id

template <typename List>
bool Lists(const List& list, const std::string& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

// Those that the extract covers, and those that it covered once.
absl::StatusOr<Rows> RowsOf(StoreReader& reader, const v1::Extract& extract) {
  Rows rows;
  std::map<std::string, Advertiser> known;
  ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, reader.ListAdvertisers());
  for (const Advertiser& advertiser : advertisers) {
    known[advertiser.id] = advertiser;
    if (Lists(extract.connections(), advertiser.connection) && Lists(extract.advertisers(), advertiser.id))
      rows[advertiser.id];
  }
  ASSIGN_OR_RETURN(const std::vector<Cursor> cursors, reader.ListCursors(extract.name()));
  for (const Cursor& cursor : cursors) rows[cursor.advertiser].facts.wanted_from = cursor.first_day;
  for (auto& [id, row] : rows) {
    row.advertiser = known[id];
    row.advertiser.id = id;
  }
  return rows;
}

template <typename Wanted>
absl::Status KeepOnly(const Wanted& wanted, Rows& rows) {
  if (wanted.empty()) return absl::OkStatus();
  Rows kept;
  for (const std::string& id : wanted) {
    const auto row = rows.find(id);
    if (row == rows.end())
      return absl::NotFoundError(absl::StrCat("the extract has no advertiser ", id, "; `tikhaul cursors` lists them"));
    kept.insert(*row);
  }
  rows = std::move(kept);
  return absl::OkStatus();
}

absl::Status AddDays(StoreReader& reader, const CalendarPart& part, Rows& rows) {
  ASSIGN_OR_RETURN(const std::vector<CoveredDays> covered, reader.ListCoveredDays(part));
  for (const CoveredDays& one : covered) {
    if (const auto row = rows.find(one.advertiser); row != rows.end()) row->second.facts.covered.push_back(one);
  }
  ASSIGN_OR_RETURN(const std::vector<OpenDays> open, reader.ListOpenDays(part));
  for (const OpenDays& one : open) {
    if (const auto row = rows.find(one.advertiser); row != rows.end()) row->second.facts.open.push_back(one);
  }
  return absl::OkStatus();
}

absl::Status AddReads(StoreReader& reader, const RegisteredExtract& extract, const CalendarPart& part, Rows& rows) {
  ASSIGN_OR_RETURN(std::vector<ReadDays> reads, reader.ListReadDays(part));
  for (ReadDays& one : reads) {
    if (const auto row = rows.find(one.advertiser); row != rows.end())
      row->second.facts.reads.push_back(std::move(one));
  }
  const RestatementFilter filter{.extract = part.extract,
                                 .first_day = part.first,
                                 .last_day = part.last,
                                 .least_age_days = RuleFor(extract, absl::UTCTimeZone()).settle_days};
  ASSIGN_OR_RETURN(const std::vector<Restatement> restatements, reader.ListRestatements(filter, 0, 0));
  for (const Restatement& one : restatements) {
    const auto row = rows.find(one.advertiser);
    if (row == rows.end() || !Moves(one.change)) continue;
    row->second.facts.moved.push_back({.day = one.change.day, .settled = one.settled});
  }
  return absl::OkStatus();
}

std::optional<Coverage> WantedByAny(const Rows& rows) {
  std::vector<Coverage> all;
  for (const auto& [id, row] : rows) {
    if (const auto wanted = WantedDays(row.facts); wanted.has_value()) all.push_back(*wanted);
  }
  if (all.empty()) return std::nullopt;
  all = NormalizeIntervals(std::move(all));
  return Coverage{all.front().first, all.back().last};
}

// What was asked for; where it is open, up to what is wanted. Nothing when there is nothing to show.
std::optional<Coverage> DaysToShow(const Selection& range, std::optional<Coverage> wanted) {
  if (range.first.has_value() && range.last.has_value()) return Coverage{*range.first, *range.last};
  if (!wanted.has_value()) return std::nullopt;
  const Coverage days{range.first.value_or(wanted->first), range.last.value_or(wanted->last)};
  if (days.first > days.last) return std::nullopt;
  return days;
}

// The rows after `after`, at most `size` of them; gives the token of the next page.
std::string CutToPage(const std::string& after, uint32_t size, Rows& rows) {
  rows.erase(rows.begin(), rows.upper_bound(after));
  if (rows.size() <= size) return "";
  const auto end = std::next(rows.begin(), static_cast<ptrdiff_t>(size));
  const std::string last = std::prev(end)->first;
  rows.erase(end, rows.end());
  return last;
}

}  // namespace

absl::Status FillCalendar(StoreReader& reader, const ExtractRegistry& extracts, const v1::GetCalendarRequest& request,
                          v1::GetCalendarResponse* response) {
  if (request.extract().empty()) return absl::InvalidArgumentError("a calendar is of one extract: name it");
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> selected, extracts.Select({request.extract()}));
  const RegisteredExtract& extract = *selected.front();
  if (extract.window_kind != WindowKind::kDays)
    return absl::InvalidArgumentError(
        absl::StrCat(request.extract(), " is no report by day, so it has no calendar; `tikhaul ledger --extract ",
                     request.extract(), "` shows its reads"));
  ASSIGN_OR_RETURN(const Selection range, FromProto({}, {}, request.range()));
  if (range.first.has_value() && range.last.has_value() && *range.first > *range.last)
    return absl::InvalidArgumentError(
        absl::StrCat("the range ends before it begins: ", FormatDay(*range.first), ", ", FormatDay(*range.last)));
  ASSIGN_OR_RETURN(Rows rows, RowsOf(reader, extract.spec));
  RETURN_IF_ERROR(KeepOnly(request.advertisers(), rows));

  // The days of all rows are known to every page, so that all pages begin with the same day.
  RETURN_IF_ERROR(AddDays(reader, {.extract = request.extract()}, rows));
  const std::optional<Coverage> wanted = WantedByAny(rows);
  const uint32_t size = request.page_size() == 0 ? kDefaultRows : std::min(request.page_size(), kMostRows);
  response->set_next_page_token(CutToPage(request.page_token(), size, rows));
  if (rows.empty()) return absl::OkStatus();
  const std::optional<Coverage> days = DaysToShow(range, wanted);
  if (days.has_value()) {
    if (days->last - days->first >= kMostDays)
      return absl::InvalidArgumentError(absl::StrCat("a calendar has at most ", kMostDays, " days: narrow the range"));
    RETURN_IF_ERROR(AddReads(reader, extract,
                             {.extract = request.extract(),
                              .first_advertiser = rows.begin()->first,
                              .last_advertiser = rows.rbegin()->first,
                              .first = days->first,
                              .last = days->last},
                             rows));
    response->set_first_day(FormatDay(days->first));
    response->set_last_day(FormatDay(days->last));
  }
  for (const auto& [id, row] : rows) {
    v1::CalendarRow* const out = response->add_rows();
    out->set_advertiser(id);
    out->set_advertiser_name(row.advertiser.name);
    out->set_timezone(row.advertiser.timezone);
    if (!days.has_value()) continue;
    const absl::StatusOr<absl::TimeZone> zone = LoadZone(row.advertiser.timezone);
    const FinalityRule rule = RuleFor(extract, zone.ok() ? *zone : absl::UTCTimeZone());
    out->set_days(PaintDays(rule, row.facts, days->first, days->last));
  }
  return absl::OkStatus();
}

}  // namespace tikhaul
