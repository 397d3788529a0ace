// A job that takes some seconds, ways to wait for its middle, and what must hold at its end.
#ifndef TIKHAUL_TESTS_FAULT_FAULT_TEST_UTIL_H_
#define TIKHAUL_TESTS_FAULT_FAULT_TEST_UTIL_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/eventually.h"
#include "tests/support/wanted.h"

namespace tikhaul {

// Some 110 small chunks and a few larger ones.
inline std::vector<Wanted> MidSizedJob() {
  return {HoursOf(35), {.name = "adverts", .stream = "adverts"}, {.name = "campaigns", .stream = "campaigns"}};
}

// About 40 calls a second.
inline ClusterOptions SlowCluster(const std::vector<Wanted>& wanted) {
  return {.extracts = YamlOf(wanted), .latency_ms = 100, .slots = 4};
}

inline uint64_t Done(const v1::Status& status) {
  uint64_t done = 0;
  for (const v1::ExtractProgress& extract : status.extracts()) done += extract.chunks().done();
  return done;
}

// As the coordinator counts: since it started.
inline v1::Status AwaitDone(TestCluster& cluster, uint64_t chunks, absl::Duration deadline = kPatience) {
  return cluster.AwaitStatus(
      absl::StrCat(chunks, " chunks are done"), [&](const v1::Status& status) { return Done(status) >= chunks; },
      deadline);
}

inline void AwaitDoneInStore(TestCluster& cluster, int64_t chunks) {
  EXPECT_TRUE(Eventually(
      [&] { return cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE state = 'done'") >= chunks; }));
}

// Every row, once; every chunk done and proven; never a call too many.
inline void ExpectWholeAndOnce(TestCluster& cluster, const std::vector<Wanted>& wanted) {
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_THAT(cluster.Query("SELECT id, state, last_error FROM tikhaul_chunk WHERE state NOT IN ('done', 'split')"),
              testing::IsEmpty());
  EXPECT_THAT(cluster.Query("SELECT chunk FROM tikhaul_ledger GROUP BY chunk HAVING count(*) > 1"), testing::IsEmpty())
      << "a chunk was committed twice";
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_dead_letter"), 0);
  EXPECT_EQ(cluster.Stat("refused"), 0);
}

inline void ExpectNoAttemptsBurnt(TestCluster& cluster) {
  EXPECT_THAT(cluster.Query("SELECT id, transient_attempts, drift_attempts, crash_attempts, last_error FROM "
                            "tikhaul_chunk WHERE transient_attempts + drift_attempts + crash_attempts > 0"),
              testing::IsEmpty());
}

inline bool HasFault(const v1::Status& status, const std::string& text) {
  return std::any_of(status.faults().begin(), status.faults().end(),
                     [&](const std::string& fault) { return fault.find(text) != std::string::npos; });
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_FAULT_FAULT_TEST_UTIL_H_
