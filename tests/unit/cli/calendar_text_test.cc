#include "cli/calendar_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

v1::GetCalendarResponse Calendar(const std::string& first, const std::string& last,
                                 const std::vector<std::pair<std::string, std::string>>& rows) {
  v1::GetCalendarResponse calendar;
  calendar.set_first_day(first);
  calendar.set_last_day(last);
  for (const auto& [advertiser, days] : rows) {
    v1::CalendarRow* const row = calendar.add_rows();
    row->set_advertiser(advertiser);
    row->set_days(days);
  }
  return calendar;
}

std::vector<std::string> Lines(const v1::GetCalendarResponse& calendar, CalendarScale scale) {
  return absl::StrSplit(CalendarText(calendar, "ads", scale), '\n');
}

// Behind the names.
std::string Letters(const std::string& line) { return line.substr(25); }

TEST(CalendarTextTest, ALetterPerDayUnderTheNamesOfMonths) {
  const auto lines = Lines(Calendar("2026-01-25", "2026-02-05", {{"71", "ffffffmmpppp"}, {"72", "............"}}),
                           CalendarScale::kDay);
  EXPECT_THAT(lines[0], StartsWith("ads, 2026-01-25..2026-02-05, a letter is a day"));
  EXPECT_THAT(lines[1], HasSubstr("m missing"));
  EXPECT_EQ(Letters(lines[2]), "2026-01");  // February begins right behind it, so its name has no room
  EXPECT_EQ(Letters(lines[3]), "ffffffmmpppp");
  EXPECT_EQ(Letters(lines[4]), "............");
  EXPECT_EQ(lines[5], "1 hole:");
  EXPECT_EQ(lines[6],
            "71  2026-01-31..2026-02-01  missing: tikhaul backfill ads --advertiser 71 --from 2026-01-31 --to "
            "2026-02-01 --again");
}

TEST(CalendarTextTest, AWeekShowsItsWorstDay) {
  // 1 January 2026 is a Thursday: four days, then weeks from the 5th and the 12th.
  const auto lines = Lines(Calendar("2026-01-01", "2026-01-14",
                                    {{"71",
                                      "ffsf"
                                      "ffidfff"
                                      "qrp"}}),
                           CalendarScale::kWeek);
  EXPECT_EQ(Letters(lines[3]), "sdr");
  EXPECT_THAT(lines[5], HasSubstr("dead: `tikhaul retry --list --extract ads`"));
}

TEST(CalendarTextTest, AMonthShowsItsWorstDayUnderTheYears) {
  const std::string days = absl::StrCat(std::string(31, 'f'), std::string(28, 'i'), std::string(30, 'f'), "m");
  const auto lines = Lines(Calendar("2026-01-01", "2026-03-31", {{"71", days}}), CalendarScale::kMonth);
  EXPECT_EQ(Letters(lines[2]), "2026");
  EXPECT_EQ(Letters(lines[3]), "fim");
}

TEST(CalendarTextTest, NoHoleIsSaid) {
  EXPECT_THAT(CalendarText(Calendar("2026-01-01", "2026-01-02", {{"71", "fq"}}), "ads", CalendarScale::kDay),
              EndsWith("no hole\n"));
}

TEST(CalendarTextTest, ManyHolesAreCut) {
  std::string days;
  for (int i = 0; i < 30; ++i) days += "fm";
  const auto lines = Lines(Calendar("2026-01-01", "2026-03-01", {{"71", days}}), CalendarScale::kDay);
  EXPECT_EQ(lines[4], "30 holes:");
  EXPECT_EQ(lines[25], "and 10 more");
}

TEST(CalendarTextTest, NamesCannotSteerTheTerminal) {
  v1::GetCalendarResponse calendar = Calendar("2026-01-01", "2026-01-01", {{"71", "f"}});
  calendar.mutable_rows(0)->set_advertiser_name("a\x1b[2J" + std::string(100, 'x'));
  const auto lines = Lines(calendar, CalendarScale::kDay);
  EXPECT_THAT(lines[3], testing::Not(HasSubstr("\x1b")));
  EXPECT_EQ(Letters(lines[3]), "f");
}

TEST(CalendarTextTest, TheScaleIsTheFinestThatFits) {
  const auto scale = [](const std::string& last, int columns) {
    return ScaleThatFits(Calendar("2024-01-01", last, {}), columns);
  };
  EXPECT_EQ(scale("2024-02-24", 80), CalendarScale::kDay);  // 55 days
  EXPECT_EQ(scale("2024-02-25", 80), CalendarScale::kWeek);
  EXPECT_EQ(scale("2025-12-31", 80), CalendarScale::kMonth);
  EXPECT_EQ(scale("2025-12-31", 200), CalendarScale::kWeek);
}

}  // namespace
}  // namespace tikhaul
