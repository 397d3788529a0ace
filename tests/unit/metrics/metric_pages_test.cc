#include "common/metrics/metric_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

using testing::HasSubstr;

class MetricPagesTest : public testing::Test {
 protected:
  HttpAnswer Get(const std::string& path) { return pages_.at(path)({.path = path, .query = {}, .headers = {}}); }

  ManualClock clock_;
  LifeSigns life_{clock_};
  MetricSet metrics_;
  bool ready_ = false;
  std::map<std::string, HttpHandler> pages_ = MetricPages(metrics_, life_, [this] { return ready_; });
};

TEST_F(MetricPagesTest, ServesMetrics) {
  metrics_.AddCounter("tikhaul_a_total", "A.");
  const HttpAnswer answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.type, HasSubstr("version=0.0.4"));
  EXPECT_THAT(answer.body, HasSubstr("tikhaul_a_total 0"));
}

TEST_F(MetricPagesTest, IsHealthyUntilALoopIsLate) {
  EXPECT_EQ(Get("/healthz").status, 200);
  life_.Promise("claims");
  life_.Promise("seats", absl::Minutes(20));
  clock_.Advance(absl::Seconds(30));
  EXPECT_EQ(Get("/healthz").status, 200);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Get("/healthz").status, 503);
  EXPECT_THAT(Get("/healthz").body, HasSubstr("claims"));
  life_.Promise("claims");
  EXPECT_EQ(Get("/healthz").status, 200);
  clock_.Advance(absl::Minutes(20));
  EXPECT_EQ(Get("/healthz").body, "does not go on: claims, seats\n");
  life_.End("claims");
  life_.End("seats");
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(MetricPagesTest, IsReadyWhenItSaysSo) {
  EXPECT_EQ(Get("/readyz").status, 503);
  ready_ = true;
  EXPECT_EQ(Get("/readyz").status, 200);
}

}  // namespace
}  // namespace tikhaul
