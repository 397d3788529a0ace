// The transport with the fleet's real quota: Redis, scripts, agent.
#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "common/base/process.h"
#include "common/quota/limiter.h"
#include "common/tiktok/client.h"
#include "gtest/gtest.h"
#include "tests/integration/tiktok/loopback_api.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"

namespace tikhaul {
namespace {

constexpr int kPerSecond = 60;
constexpr int kCalls = 240;

// Most instants of `times` (in order) that lie within one window.
int MostWithin(const std::vector<absl::Duration>& times, absl::Duration window) {
  size_t first = 0, most = 0;
  for (size_t last = 0; last < times.size(); ++last) {
    while (times[last] - times[first] >= window) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<int>(most);
}

TEST(TransportQuotaTest, NoWindowHoldsMoreCallsThanAreAllowed) {
  SystemClock clock;
  RedisServer redis;
  QuotaLimits limits;
  limits.per_second = kPerSecond;
  limits.per_minute = 60 * kPerSecond;
  // Wide, so that a busy machine, whose threads run late, proves nothing against the limiter.
  limits.guard = absl::Milliseconds(400);
  limits.use_by = absl::Milliseconds(100);
  ASSERT_TRUE(QuotaScripts({.url = redis.url()}, "7", limits).Seed({}).ok());

  Mutex mu;
  std::vector<absl::Duration> arrivals;
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    {
      MutexLock lock(mu);
      arrivals.push_back(clock.Monotonic());
    }
    tikhaul::SleepFor(absl::Milliseconds(20));  // the API's latency
    response.set_content(Envelope(0, "OK"), "application/json");
  });
  std::atomic<int> answered = 0;
  {
    TokenAgent agent({.url = redis.url()}, "7", limits, clock);
    TransportOptions options;
    options.base_url = api.base_url();
    ApiTransport transport(options, agent, clock);
    for (int i = 0; i < kCalls; ++i) {
      transport.Send(ApiCall{"campaign/get/", {}, Secret()}, {}, [&](ApiTransport::Result result) {
        if (result.ok) ++answered;
      });
    }
    EXPECT_TRUE(Eventually([&] { return answered == kCalls; }, absl::Seconds(30))) << agent.Obstacle();
    EXPECT_EQ(transport.calls_sent(), static_cast<uint64_t>(kCalls));
  }
  MutexLock lock(mu);
  std::sort(arrivals.begin(), arrivals.end());
  EXPECT_LE(MostWithin(arrivals, absl::Seconds(1)), kPerSecond);
  EXPECT_GT(MostWithin(arrivals, absl::Seconds(1.5)), kPerSecond / 2);  // and they are not just slow
}

}  // namespace
}  // namespace tikhaul
