#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/progress/plain.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::Status StatusWith(uint64_t done, uint64_t wanted) {
  v1::Status status;
  status.mutable_quota()->set_per_second(10);
  v1::ExtractProgress& progress = *status.add_extracts();
  progress.set_extract("ads_daily");
  progress.mutable_chunks()->set_done(done);
  progress.mutable_chunks()->set_ready(wanted - done);
  progress.set_rows(done * 1000);
  return status;
}

TEST(PlainProgressTest, PrintsALineWhenFiguresChange) {
  PlainProgress plain;
  v1::Status status = StatusWith(3, 10);
  status.mutable_extracts(0)->set_calls_per_second(4.9);
  status.mutable_extracts(0)->set_eta_seconds(70);
  EXPECT_THAT(plain.Lines(status, absl::Seconds(0)),
              ElementsAre("ads_daily: 3/10 chunks, 3,000 rows, 4.9 calls/s (49 % of quota), about 1 min 10 s left"));
  status.mutable_extracts(0)->set_calls_per_second(5.5);  // rates alone are no news
  EXPECT_THAT(plain.Lines(status, absl::Seconds(10)), IsEmpty());
  EXPECT_THAT(plain.Lines(StatusWith(10, 10), absl::Seconds(20)),
              ElementsAre("ads_daily: 10/10 chunks, 10,000 rows, done"));
}

TEST(PlainProgressTest, KeepsQuietWithinTheInterval) {
  PlainProgress plain(absl::Seconds(2));
  EXPECT_THAT(plain.Lines(StatusWith(1, 10), absl::Seconds(0)), ::testing::SizeIs(1));
  EXPECT_THAT(plain.Lines(StatusWith(2, 10), absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(plain.Lines(StatusWith(3, 10), absl::Seconds(2)), ElementsAre("ads_daily: 3/10 chunks, 3,000 rows"));
}

TEST(PlainProgressTest, PrintsTheLastStateAtOnce) {
  PlainProgress plain;
  EXPECT_THAT(plain.Lines(StatusWith(1, 2), absl::Seconds(0)), ::testing::SizeIs(1));
  EXPECT_THAT(plain.Lines(StatusWith(2, 2), absl::Seconds(1), /*last=*/true),
              ElementsAre("ads_daily: 2/2 chunks, 2,000 rows, done"));
}

TEST(PlainProgressTest, TellsAHindranceOnceAndAgainWhenItComesBack) {
  PlainProgress plain;
  v1::Status well;
  v1::Status ill;
  ill.add_faults("Redis is gone");
  EXPECT_THAT(plain.Lines(ill, absl::Seconds(0)), ElementsAre("fault    Redis is gone"));
  EXPECT_THAT(plain.Lines(ill, absl::Seconds(5)), IsEmpty());
  EXPECT_THAT(plain.Lines(well, absl::Seconds(10)), IsEmpty());
  EXPECT_THAT(plain.Lines(ill, absl::Seconds(15)), ElementsAre("fault    Redis is gone"));
}

}  // namespace
}  // namespace tikhaul
