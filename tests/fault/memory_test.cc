// How much memory a worker takes, by the kernel's account.
#include "common/base/files.h"
#include "tests/fault/fault_test_util.h"
#include "tests/support/instrumented.h"

namespace tikhaul {
namespace {

constexpr int64_t kMiB = 1 << 20;
// Of a worker with the budget of 64 MiB that is the default (docs/configuration.md, worker.memory).
constexpr int64_t kBound = 128 * kMiB;

int64_t PeakRssBytes(TestCluster& cluster, const std::string& process) {
  const std::string status = ReadFile(absl::StrCat("/proc/", cluster.Pid(process), "/status")).value_or("");
  const size_t at = status.find("VmHWM:");
  return at == std::string::npos ? -1 : std::atoll(status.c_str() + at + 6) * 1024;
}

// Ten days of 1,000 ads and more: pages of 1,000 rows.
Wanted ThousandsOfRows() {
  return {.name = "ads_daily",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = {"spend", "impressions"},
          .settings = "backfill: 4",
          .first_day = "2026-06-12"};
}

TEST(MemoryTest, AWorkerStaysWithinItsBoundWithPagesOf50Megabytes) {
  const std::vector<Wanted> wanted = {ThousandsOfRows()};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = "scale:1:1500", .slots = 2});
  cluster.Start();
  cluster.Fault(R"({"kind":"fat_rows","bytes":50000,"times":-1,"match":{"path":"report/integrated/get/"}})");
  cluster.Backfill();
  const v1::Status status = cluster.WaitIdle(absl::Minutes(5));
  EXPECT_EQ(status.dead_letters(), 0u);
  EXPECT_GE(cluster.FaultHits(), 3) << "too few pages: the test proves little";
  const int64_t peak = PeakRssBytes(cluster, "worker-0");
  RecordProperty("peak_rss_mib", static_cast<int>(peak / kMiB));
  std::fprintf(stderr, "peak RSS of the worker: %lld MiB\n", static_cast<long long>(peak / kMiB));
  EXPECT_GT(peak, 50 * kMiB) << "no such page was held: the test proves nothing";
  EXPECT_TRUE(kInstrumented || peak <= kBound) << peak / kMiB;
  ExpectWholeAndOnce(cluster, wanted);
}

TEST(MemoryTest, AWorkerAtOrdinaryLoadStaysWithinItsBound) {
  const std::vector<Wanted> wanted = MidSizedJob();
  TestCluster cluster({.extracts = YamlOf(wanted)});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const int64_t peak = PeakRssBytes(cluster, "worker-0");
  RecordProperty("peak_rss_mib", static_cast<int>(peak / kMiB));
  std::fprintf(stderr, "peak RSS of the worker: %lld MiB\n", static_cast<long long>(peak / kMiB));
  EXPECT_GT(peak, kMiB);
  EXPECT_TRUE(kInstrumented || peak <= kBound) << peak / kMiB;
  ExpectWholeAndOnce(cluster, wanted);
}

}  // namespace
}  // namespace tikhaul
