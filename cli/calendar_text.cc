#include "cli/calendar_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "cli/format.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kWorstFirst = "mdrqpsfi.";
constexpr int kNameWidth = 24;
constexpr int kMostHoles = 20;
constexpr char kLegend[] =
    "m missing  d dead  r running  q waiting  p provisional  s settling  f final  i idle  . not wanted\n";

// Where one letter of a line begins, and what it is called.
struct Column {
  int64_t first = 0;  // days after the first
  absl::CivilDay day;
};

bool Begins(CalendarScale scale, absl::CivilDay day) {
  switch (scale) {
    case CalendarScale::kDay:
      return true;
    case CalendarScale::kWeek:
      return absl::GetWeekday(day) == absl::Weekday::monday;
    case CalendarScale::kMonth:
      return day.day() == 1;
  }
  return true;
}

std::vector<Column> ColumnsOf(absl::CivilDay first, absl::CivilDay last, CalendarScale scale) {
  std::vector<Column> columns;
  for (absl::CivilDay day = first; day <= last; ++day) {
    if (columns.empty() || Begins(scale, day)) columns.push_back({.first = day - first, .day = day});
  }
  return columns;
}

char Worst(absl::string_view days) {
  for (const char letter : kWorstFirst) {
    if (days.find(letter) != absl::string_view::npos) return letter;
  }
  return days.empty() ? ' ' : days.front();
}

// Names of months (of years, where a letter is a month), each over the letter in which it begins, where there is room.
std::string Heads(const std::vector<Column>& columns, CalendarScale scale) {
  std::string line;
  int named_year = 0, named_month = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    const absl::CivilDay day = columns[i].day;
    const bool years = scale == CalendarScale::kMonth;
    if (day.year() == named_year && (years || day.month() == named_month)) continue;
    named_year = static_cast<int>(day.year());
    named_month = day.month();
    if (!line.empty() && line.size() + 1 > i) continue;
    line.resize(i, ' ');
    absl::StrAppend(&line, years ? absl::StrCat(day.year()) : absl::StrFormat("%04d-%02d", day.year(), day.month()));
  }
  return line;
}

std::string LineOf(const std::string& days, const std::vector<Column>& columns) {
  std::string line;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto begin = static_cast<size_t>(columns[i].first);
    const size_t end = i + 1 < columns.size() ? static_cast<size_t>(columns[i + 1].first) : days.size();
    line += Worst(absl::string_view(days).substr(std::min(begin, days.size()), end - begin));
  }
  return line;
}

// "m" or "d" alone: what somebody has to mend.
struct Hole {
  const v1::CalendarRow* row = nullptr;
  size_t first = 0, last = 0;
};

std::vector<Hole> HolesOf(const v1::GetCalendarResponse& calendar) {
  std::vector<Hole> holes;
  for (const v1::CalendarRow& row : calendar.rows()) {
    const std::string& days = row.days();
    for (size_t i = 0; i < days.size(); ++i) {
      if (days[i] != 'm' && days[i] != 'd') continue;
      const bool goes_on = i > 0 && days[i - 1] == days[i];
      if (!goes_on) holes.push_back({.row = &row, .first = i});
      holes.back().last = i;
    }
  }
  return holes;
}

std::string HoleText(const Hole& hole, absl::CivilDay first, const std::string& extract) {
  const std::string from = FormatDay(first + static_cast<int64_t>(hole.first));
  const std::string to = FormatDay(first + static_cast<int64_t>(hole.last));
  const bool dead = hole.row->days()[hole.first] == 'd';
  return absl::StrCat(hole.row->advertiser(), "  ", from, "..", to, dead ? "  dead: " : "  missing: ",
                      dead ? absl::StrCat("`tikhaul retry --list --extract ", extract, "` says why")
                           : absl::StrCat("tikhaul backfill ", extract, " --advertiser ", hole.row->advertiser(),
                                          " --from ", from, " --to ", to, " --again"),
                      "\n");
}

}  // namespace

CalendarScale ScaleThatFits(const v1::GetCalendarResponse& calendar, int columns) {
  const absl::StatusOr<absl::CivilDay> first = ParseDay(calendar.first_day()), last = ParseDay(calendar.last_day());
  if (!first.ok() || !last.ok()) return CalendarScale::kDay;
  for (const CalendarScale scale : {CalendarScale::kDay, CalendarScale::kWeek}) {
    const auto letters = static_cast<int64_t>(ColumnsOf(*first, *last, scale).size());
    if (letters <= std::max(0, columns - kNameWidth - 1)) return scale;
  }
  return CalendarScale::kMonth;
}

std::string CalendarText(const v1::GetCalendarResponse& calendar, const std::string& extract, CalendarScale scale) {
  const absl::StatusOr<absl::CivilDay> first = ParseDay(calendar.first_day()), last = ParseDay(calendar.last_day());
  if (!first.ok() || !last.ok()) return "";
  const std::vector<Column> columns = ColumnsOf(*first, *last, scale);
  constexpr absl::string_view kUnits[] = {"a day", "a week, its worst day", "a month, its worst day"};
  std::string text = absl::StrCat(extract, ", ", HumanDays(calendar.first_day(), calendar.last_day()), ", a letter is ",
                                  kUnits[static_cast<size_t>(scale)], "\n", kLegend, PadRight("", kNameWidth), " ",
                                  Heads(columns, scale), "\n");
  for (const v1::CalendarRow& row : calendar.rows()) {
    const std::string name =
        absl::StrCat(row.advertiser(), row.advertiser_name().empty() ? "" : " ", Printable(row.advertiser_name()));
    absl::StrAppend(&text, PadRight(CutToWidth(name, kNameWidth), kNameWidth), " ", LineOf(row.days(), columns), "\n");
  }
  const std::vector<Hole> holes = HolesOf(calendar);
  absl::StrAppend(&text, holes.empty() ? "no hole\n" : absl::StrCat(Counted(holes.size(), "hole"), ":\n"));
  for (size_t i = 0; i < std::min<size_t>(holes.size(), kMostHoles); ++i)
    absl::StrAppend(&text, HoleText(holes[i], *first, extract));
  if (holes.size() > kMostHoles) absl::StrAppend(&text, "and ", WithThousands(holes.size() - kMostHoles), " more\n");
  return text;
}

}  // namespace tikhaul
