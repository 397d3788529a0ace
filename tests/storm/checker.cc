#include "tests/storm/checker.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/instrumented.h"

namespace tikhaul {
namespace {

using ::testing::IsEmpty;

constexpr int64_t kMiB = 1 << 20;
// docs/configuration.md: a worker takes 64 MiB besides its budget of 64 MiB; the coordinator 256 MiB in all.
constexpr int64_t kWorkerBound = 128 * kMiB, kCoordinatorBound = 256 * kMiB;

void CheckRows(const Storm& storm, Stage& stage, const std::string& file, Findings* findings) {
  findings->rows = TallyAgainstTruth(stage.cluster(), stage.wanted(), file);
  const RowTally& rows = findings->rows;
  EXPECT_GT(rows.rows, 0);
  if (rows.lost + rows.doubled + rows.unexpected > 0) ExpectEqualsTruth(stage.cluster(), stage.wanted());  // shows them
  EXPECT_EQ(rows.lost, 0);
  EXPECT_EQ(rows.doubled, 0);
  EXPECT_EQ(rows.unexpected, 0) << storm.name;
}

// `file`: the store, as SQLite.
void CheckProof(const std::string& file) {
  EXPECT_THAT(QueryFile(file, "SELECT chunk FROM tikhaul_ledger GROUP BY chunk HAVING count(*) > 1"), IsEmpty())
      << "a chunk was committed twice";
  EXPECT_THAT(
      QueryFile(file,
                "SELECT c.extract, c.advertiser FROM tikhaul_coverage AS c WHERE c.extract = 'ads_hourly' GROUP "
                "BY 1, 2 HAVING sum(julianday(last_day) - julianday(first_day) + 1) <> (SELECT count(DISTINCT "
                "l.first_day) FROM tikhaul_ledger AS l WHERE l.extract = c.extract AND l.advertiser = "
                "c.advertiser)"),
      IsEmpty())
      << "days are covered that no chunk brought";
  // What is read again finds what the first read has left: nothing lost is hidden by later reads. Only how final a day
  // is may have changed, by a clock that has jumped.
  EXPECT_THAT(
      QueryFile(
          file,
          "SELECT l.chunk, l.inserted, l.updated, l.removed, l.finality, e.finality FROM tikhaul_ledger AS l JOIN "
          "tikhaul_ledger AS e ON e.id = (SELECT max(b.id) FROM tikhaul_ledger AS b WHERE b.id < l.id AND "
          "b.extract = l.extract AND b.advertiser = l.advertiser AND b.first_day = l.first_day) WHERE l.extract "
          "= 'ads_hourly' AND (l.inserted + l.removed > 0 OR (l.updated > 0 AND l.finality = e.finality))"),
      IsEmpty());
}

// What a coordinator believed to have committed is there, under the epoch it had: none of them ever wrote in vain, or
// beside another one.
void CheckCommits(Stage& stage, const std::string& file) {
  std::set<std::pair<std::string, std::string>> proven;
  for (const auto& row : QueryFile(file, "SELECT chunk, epoch FROM tikhaul_ledger")) proven.emplace(row[0], row[1]);
  std::set<std::string> seen;
  for (const std::string& name : stage.CoordinatorNames()) {
    const std::string log = stage.cluster().Log(name);
    for (const absl::string_view line : absl::StrSplit(log, '\n')) {
      if (!absl::StrContains(line, "\"event\":\"chunk committed\"")) continue;
      const nlohmann::json said = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (said.is_discarded()) continue;  // killed in the middle of the line
      const std::string chunk = said.value("chunk", ""), epoch = said.value("epoch", "");
      EXPECT_EQ(proven.count({chunk, epoch}), 1u) << "said, but not done: " << line;
      EXPECT_TRUE(seen.insert(chunk).second) << "said twice: " << line;
    }
  }
  EXPECT_FALSE(seen.empty());
}

void CheckChunks(const Storm& storm, const std::string& file, Findings* findings) {
  const std::string fine = storm.may_cancel ? "('done', 'split', 'cancelled')" : "('done', 'split')";
  EXPECT_THAT(QueryFile(file, "SELECT id, state, last_error FROM tikhaul_chunk WHERE state NOT IN " + fine), IsEmpty());
  const std::string blamed =
      "SELECT id, transient_attempts, drift_attempts, crash_attempts, last_error FROM tikhaul_chunk WHERE "
      "transient_attempts + drift_attempts + crash_attempts > 0";
  if (storm.blameless) {
    EXPECT_THAT(QueryFile(file, blamed), IsEmpty());
  }
  const SqlRows sum =
      QueryFile(file, "SELECT ifnull(sum(transient_attempts + drift_attempts + crash_attempts), 0) FROM tikhaul_chunk");
  findings->attempts = sum.empty() ? -1 : std::stoll(sum[0][0]);
  for (const auto& [reason, count] : findings->died) {
    EXPECT_EQ(storm.may_die_of.count(reason), 1u) << count << " chunks died of " << reason;
  }
}

}  // namespace

std::map<std::string, int64_t> DeadLetters(Stage& stage) {
  std::map<std::string, int64_t> died;
  for (const auto& row : stage.Rows("SELECT reason, count(*) FROM tikhaul_dead_letter GROUP BY reason"))
    died[row[0]] = std::stoll(row[1]);
  return died;
}

Findings Check(const Storm& storm, Stage& stage, std::map<std::string, int64_t> died) {
  Findings findings;
  findings.died = std::move(died);
  const std::string file = stage.cluster().StoreFile();
  CheckRows(storm, stage, file, &findings);
  CheckProof(file);
  CheckCommits(stage, file);
  CheckChunks(storm, file, &findings);
  findings.calls = stage.cluster().Stat("allowed");
  findings.over_limit = stage.cluster().Stat("refused");
  EXPECT_EQ(findings.over_limit, 0) << "calls beyond the quota; by second "
                                    << stage.cluster().Stat("refused_per_second") << ", most in a second "
                                    << stage.cluster().Stat("most_arrived_per_second") << ", in a minute "
                                    << stage.cluster().Stat("most_arrived_per_minute");
  findings.coordinator_peak = stage.Peak("coordinator");
  findings.worker_peak = stage.Peak("worker");
  EXPECT_GT(findings.worker_peak, kMiB);
  EXPECT_TRUE(kInstrumented || findings.worker_peak <= kWorkerBound) << findings.worker_peak / kMiB << " MiB";
  EXPECT_TRUE(kInstrumented || findings.coordinator_peak <= kCoordinatorBound)
      << findings.coordinator_peak / kMiB << " MiB";
  return findings;
}

}  // namespace tikhaul
