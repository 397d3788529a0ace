#include <gmock/gmock.h>

#include "coordinator/verify/day_reads.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

LedgerEntry Read(ChunkId chunk, absl::string_view first, absl::string_view last, absl::string_view committed) {
  LedgerEntry entry;
  entry.chunk = chunk;
  entry.window = Days(first, last);
  entry.committed = Utc(committed);
  return entry;
}
Chunk Open(ChunkId id, ChunkState state, absl::string_view first, absl::string_view last) {
  Chunk chunk;
  chunk.id = id;
  chunk.state = state;
  chunk.window = Days(first, last);
  return chunk;
}

TEST(DayReadsTest, TheNewestReadOfADayCounts) {
  const std::vector<LedgerEntry> ledger = {Read(2, "2026-03-05", "2026-03-12", "2026-04-02 00:00:00"),
                                           Read(1, "2026-03-01", "2026-03-10", "2026-04-01 00:00:00"),
                                           Read(3, "2026-02-01", "2026-02-28", "2026-04-01 00:00:00")};
  const DayReads reads(ledger, Day("2026-02-01"), Day("2026-03-31"));
  EXPECT_EQ(reads.Of(Day("2026-03-04"))->chunk, 1);
  EXPECT_EQ(reads.Of(Day("2026-03-05"))->chunk, 2);
  EXPECT_EQ(reads.Of(Day("2026-03-13")), nullptr);
  // The rows of chunk 1 are only in part its own.
  EXPECT_THAT(reads.Whole(), ElementsAre(&ledger[2], &ledger[0]));
}

TEST(DayReadsTest, AReadThatReachesBeyondTheRangeIsNotWhole) {
  const std::vector<LedgerEntry> ledger = {Read(1, "2026-03-01", "2026-03-10", "2026-04-01 00:00:00")};
  EXPECT_THAT(DayReads(ledger, Day("2026-03-02"), Day("2026-03-31")).Whole(), IsEmpty());
}

TEST(DayReadsTest, WindowsHoldCommittedDaysOnly) {
  const std::vector<Coverage> committed = {{Day("2026-01-01"), Day("2026-02-04")},
                                           {Day("2026-02-10"), Day("2026-02-11")}};
  EXPECT_THAT(WindowsToCompare(committed, Day("2026-01-02"), Day("2026-02-10"), 30),
              ElementsAre(Days("2026-01-02", "2026-01-31"), Days("2026-02-01", "2026-02-04"),
                          Days("2026-02-10", "2026-02-10")));
}

TEST(DayReadsTest, UnreadDaysSayWhy) {
  Chunk dead = Open(7, ChunkState::kDead, "2026-03-05", "2026-03-06");
  dead.last_failure = FailureClass::kPermanent;
  dead.last_error = "bad metrics";
  const std::vector<Unread> unread = UnreadDays({{Day("2026-03-01"), Day("2026-03-04")}},
                                                {Open(8, ChunkState::kReady, "2026-03-07", "2026-03-08"), dead,
                                                 Open(9, ChunkState::kReady, "2026-03-03", "2026-03-04")},
                                                Day("2026-03-01"), Day("2026-03-10"));
  ASSERT_THAT(unread, SizeIs(3));
  EXPECT_EQ(unread[0].days, (Coverage{Day("2026-03-05"), Day("2026-03-06")}));
  EXPECT_TRUE(unread[0].dead);
  EXPECT_THAT(unread[0].why, HasSubstr("chunk 7 is a dead letter (permanent: bad metrics)"));
  EXPECT_EQ(unread[1].days, (Coverage{Day("2026-03-07"), Day("2026-03-08")}));
  EXPECT_TRUE(unread[1].pending);
  EXPECT_EQ(unread[2].days, (Coverage{Day("2026-03-09"), Day("2026-03-10")}));
  EXPECT_FALSE(unread[2].pending || unread[2].dead);
}

}  // namespace
}  // namespace tikhaul
