#include "cli/table.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

TEST(TextTableTest, AlignsWordsLeftAndFiguresRight) {
  TextTable table({{"extract"}, {"rows", true}, {"state"}});
  table.Add({"ads_daily", "1,234", "done"});
  table.Add({"ads", "5", ""});
  EXPECT_EQ(table.Render(),
            "extract     rows  state\n"
            "ads_daily  1,234  done\n"
            "ads            5\n");
}

TEST(TextTableTest, AlignsWideCharactersByColumns) {
  TextTable table({{"name"}, {"id"}});
  table.Add({"\xE6\x97\xA5\xE6\x9C\xAC\xE5\xBA\x97", "1"});
  table.Add({"shop", "2"});
  EXPECT_EQ(table.Render(),
            "name    id\n"
            "\xE6\x97\xA5\xE6\x9C\xAC\xE5\xBA\x97  1\n"
            "shop    2\n");
}

TEST(TextTableTest, RendersNothingWithoutRows) { EXPECT_EQ(TextTable({{"name"}}).Render(), ""); }

TEST(TextTableTest, LetsNoCellMoveTheCursorOrBreakTheLine) {
  TextTable table({{"name"}});
  table.Add({"a\x1b[31m\nb"});
  EXPECT_EQ(table.Render(), "name\na?[31m b\n");
}

}  // namespace
}  // namespace tikhaul
