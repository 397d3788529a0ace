#include "coordinator/dispatch/quota_lease.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

constexpr char kPath[] = "report/task/create/";

class QuotaLeaseTest : public ::testing::Test {
 protected:
  static QuotaLimits Limits() {
    QuotaLimits limits;
    limits.per_second = 10;
    limits.per_minute = 600;
    limits.per_day = 1000;
    limits.endpoints[kPath] = {1, 60, 4500};
    return limits;
  }
  size_t Ask(uint32_t count, const std::string& path = "ad/get/") {
    const auto grant = lease_.Acquire({{{.path = path}, count}}, 100);
    EXPECT_TRUE(grant.ok()) << grant.status();
    return grant.ok() ? grant->count() : 0;
  }

  ManualClock clock_{absl::FromCivil(absl::CivilSecond(2026, 6, 15, 12, 0, 0), absl::UTCTimeZone())};
  QuotaLease lease_{{.url = "unix:/nowhere/redis.sock"}, "app", Limits(), clock_};
};

TEST_F(QuotaLeaseTest, WithoutALeaseRedisIsAsked) {
  EXPECT_FALSE(lease_.Acquire({{{}, 1}}, 1).ok());
  EXPECT_FALSE(lease_.Throttled(absl::ZeroDuration()).ok());
  EXPECT_FALSE(lease_.Leased().has_value());
}

TEST_F(QuotaLeaseTest, LeasesAfterAWindowOfSilenceOnly) {
  lease_.Allow(clock_.Monotonic() + absl::Seconds(5), {});
  EXPECT_EQ(Ask(4), 0u);
  clock_.Advance(absl::Seconds(6.9));
  EXPECT_EQ(Ask(4), 0u);
  EXPECT_FALSE(lease_.Leased().has_value());
  clock_.Advance(absl::Seconds(0.2));
  EXPECT_EQ(Ask(4), 4u);
  EXPECT_EQ(Ask(9), 4u) << "80 % of ten";
  EXPECT_EQ(Ask(1), 0u);
  EXPECT_EQ(lease_.Leased()->today, 8u);
  EXPECT_EQ(lease_.End().today, 8u);
  EXPECT_FALSE(lease_.Acquire({{{}, 1}}, 1).ok()) << "Redis again";
}

TEST_F(QuotaLeaseTest, PathsKeepTheirOwnLimits) {
  lease_.Allow(clock_.Monotonic(), {});
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Ask(5, kPath), 1u);
  EXPECT_EQ(Ask(5, kPath), 0u);
  EXPECT_EQ(Ask(5), 5u);
  EXPECT_EQ(lease_.End().endpoints_today.at(kPath), 1u);
}

TEST_F(QuotaLeaseTest, TheDayCountsWhatRedisGranted) {
  lease_.Allow(clock_.Monotonic(), {.today = 997});
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Ask(8), 3u);
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Ask(8), 0u);
}

TEST_F(QuotaLeaseTest, AnOverLimitAnswerStopsItForFiveMinutes) {
  lease_.Allow(clock_.Monotonic(), {});
  clock_.Advance(absl::Seconds(3));
  ASSERT_EQ(Ask(1), 1u);
  ASSERT_TRUE(lease_.Throttled(absl::Milliseconds(400)).ok());
  clock_.Advance(absl::Seconds(299));
  EXPECT_EQ(Ask(1), 0u);
  ASSERT_TRUE(lease_.Throttled(absl::Seconds(299)).ok()) << "it was under way";
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(Ask(1), 1u);
}

}  // namespace
}  // namespace tikhaul
