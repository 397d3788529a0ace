#include "cli/format.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

TEST(WithThousandsTest, GroupsDigits) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
  EXPECT_EQ(WithThousands(18446744073709551615ULL), "18,446,744,073,709,551,615");
}

TEST(HumanDurationTest, NamesTheTwoLargestUnits) {
  EXPECT_EQ(HumanDuration(absl::Milliseconds(200)), "under 1 s");
  EXPECT_EQ(HumanDuration(absl::Seconds(45)), "45 s");
  EXPECT_EQ(HumanDuration(absl::Seconds(60)), "1 min");
  EXPECT_EQ(HumanDuration(absl::Seconds(80)), "1 min 20 s");
  EXPECT_EQ(HumanDuration(absl::Minutes(125)), "2 h 5 min");
  EXPECT_EQ(HumanDuration(absl::Hours(24) + absl::Seconds(30)), "1 d");
  EXPECT_EQ(HumanDuration(absl::Hours(76)), "3 d 4 h");
  EXPECT_EQ(HumanDuration(-absl::Seconds(5)), "under 1 s");
}

TEST(HumanRateTest, DropsTheFractionOfLargeRates) {
  EXPECT_EQ(HumanRate(0), "0");
  EXPECT_EQ(HumanRate(8.24), "8.2");
  EXPECT_EQ(HumanRate(99.96), "100");
  EXPECT_EQ(HumanRate(3210.4), "3,210");
}

TEST(HumanPercentTest, Rounds) {
  EXPECT_EQ(HumanPercent(0.421), "42 %");
  EXPECT_EQ(HumanPercent(1), "100 %");
  EXPECT_EQ(HumanPercent(-1), "0 %");
}

TEST(HumanTimeTest, ShowsUtcAndADashForNoTime) {
  google::protobuf::Timestamp time;
  EXPECT_EQ(HumanTime(time), "-");
  time.set_seconds(1'781'524'805);
  EXPECT_EQ(HumanTime(time), "2026-06-15 12:00:05 UTC");
}

TEST(CountedTest, AgreesInNumber) {
  EXPECT_EQ(Counted(0, "chunk"), "0 chunks");
  EXPECT_EQ(Counted(1, "chunk"), "1 chunk");
  EXPECT_EQ(Counted(1000, "chunk"), "1,000 chunks");
}

TEST(HumanDaysTest, JoinsFirstAndLast) {
  EXPECT_EQ(HumanDays("2026-01-01", "2026-01-30"), "2026-01-01..2026-01-30");
  EXPECT_EQ(HumanDays("2026-01-01", "2026-01-01"), "2026-01-01");
  EXPECT_EQ(HumanDays("", ""), "-");
}

TEST(PrintableTest, TakesTheTeethOutOfForeignText) {
  EXPECT_EQ(Printable("a\x1b[2Jb"), "a?[2Jb");
  EXPECT_EQ(Printable("two\nlines\tand\rmore"), "two lines and more");
  EXPECT_EQ(Printable("caf\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC"), "caf\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC");
  EXPECT_EQ(Printable("c1 \xC2\x9B control"), "c1 ? control");
  EXPECT_EQ(Printable("right to left \xE2\x80\xAE override"), "right to left ? override");
}

TEST(PrintableTest, ReplacesBrokenUtf8ByteByByte) {
  EXPECT_EQ(Printable("\xFF\xC3"), "??");
  EXPECT_EQ(Printable("\xC0\xAF"), "??");            // overlong
  EXPECT_EQ(Printable("\xED\xA0\x80"), "???");       // surrogate
  EXPECT_EQ(Printable("\xF4\x90\x80\x80"), "????");  // beyond Unicode
}

TEST(DisplayWidthTest, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("caf\xC3\xA9"), 4);
  EXPECT_EQ(DisplayWidth("\xE6\x97\xA5\xE6\x9C\xAC"), 4);  // two wide characters
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);                 // combining accent
  EXPECT_EQ(DisplayWidth("\xE2\x96\x88"), 1);              // full block
}

TEST(CutToWidthTest, MarksTheCutAndNeverSplitsACharacter) {
  EXPECT_EQ(CutToWidth("short", 5), "short");
  EXPECT_EQ(CutToWidth("longer", 5), "lo...");
  EXPECT_EQ(CutToWidth("\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5", 5), "\xE6\x97\xA5...");
  EXPECT_EQ(CutToWidth("longer", 2), "..");
  EXPECT_EQ(CutToWidth("longer", 0), "");
}

TEST(PadTest, FillsByColumns) {
  EXPECT_EQ(PadRight("caf\xC3\xA9", 6), "caf\xC3\xA9  ");
  EXPECT_EQ(PadLeft("12", 4), "  12");
  EXPECT_EQ(PadLeft("12345", 4), "12345");
}

}  // namespace
}  // namespace tikhaul
