#include "common/model/window.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

TEST(WindowTest, BothDaysBelongToIt) {
  const Window window{WindowKind::kDays, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 30)};
  EXPECT_EQ(window.Days(), 30);
  EXPECT_EQ(FormatWindow(window), "2026-01-01..2026-01-30");
}

TEST(WindowTest, TheWholeIsOnePiece) {
  EXPECT_EQ(Window{}.Days(), 1);
  EXPECT_EQ(FormatWindow(Window{}), "all");
}

}  // namespace
}  // namespace tikhaul
