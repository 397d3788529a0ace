// Spans in which nothing happened are not read window by window, with proof, and never at the cost of a row.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Ten accounts, eight of which are idle: four always, three for more than two years, one for a good year.
constexpr char kAgency[] = "agency:10:80:3";

int64_t Count(const std::string& file, const std::string& sql) {
  return std::atoll(QueryFile(file, sql).at(0).at(0).c_str());
}

struct Account {
  std::string id;
  absl::CivilDay today, born;
};

std::vector<Account> AccountsOf(TestCluster& cluster) {
  std::vector<Account> accounts;
  for (const auto& row : cluster.Query("SELECT id, timezone, substr(created_at, 1, 10) FROM tikhaul_advertiser")) {
    const absl::TimeZone zone = LoadZone(row[1]).value();
    accounts.push_back({row[0], DayIn(zone, cluster.VirtualNow()), ParseDay(row[2]).value()});
  }
  return accounts;
}

// The fewest calls that can bring a daily report: for each account one for the newest window, whose figures are not
// final, so that nobody can know without asking; and the pages of every older window of 30 days that has rows.
int64_t FewestCalls(const std::string& truth, const std::string& table, const Account& account, int depth_days) {
  const absl::CivilDay first = std::max(account.born, account.today - (depth_days - 1));
  int64_t calls = 0;
  for (absl::CivilDay last = account.today; last >= first; last -= 30) {
    const int64_t rows =
        Count(truth, absl::StrCat("SELECT count(*) FROM ", table, " WHERE advertiser_id = '", account.id,
                                  "' AND stat_time_day BETWEEN '", FormatDay(std::max(first, last - 29)), "' AND '",
                                  FormatDay(last), "'"));
    calls += std::max<int64_t>(last == account.today ? 1 : 0, (rows + 999) / 1000);
  }
  return calls;
}

TEST(EconomyTest, IdleSpansAreLeftOutWithProofAndNothingIsMissing) {
  const std::vector<Wanted> wanted = SixExtracts();
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = kAgency, .workers = 2});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  const int64_t calls = cluster.Stat("allowed");
  ExpectEqualsTruth(cluster, wanted);

  const std::string truth = cluster.ExportTruth(TruthSpecOf(wanted));
  int64_t fewest = 2;  // the list of accounts, and their zones
  for (const Account& account : AccountsOf(cluster)) {
    fewest += FewestCalls(truth, "ads_daily", account, 730) + FewestCalls(truth, "ads_audience", account, 180);
    fewest += 3 * 2 + 1;  // all objects of each kind, the two buying types that must be asked for apart; the categories
  }
  EXPECT_LE(static_cast<double>(calls), 1.05 * static_cast<double>(fewest)) << calls << " calls, fewest " << fewest;

  // Every day is accounted for: read, or proved to be without rows by a request of which the id is kept.
  EXPECT_THAT(cluster.Query("SELECT extract, advertiser FROM tikhaul_coverage GROUP BY 1, 2 HAVING count(*) > 1"),
              IsEmpty());
  EXPECT_THAT(cluster.Query("SELECT DISTINCT through_day FROM tikhaul_cursor"), ElementsAre(ElementsAre("2026-06-15")));
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE by_probe"), 8);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE by_probe AND (rows > 0 OR request_ids = '' OR "
                             "finality <> 'final' OR last_day > '2026-05-18')"),
            0)
      << "days whose figures may still come are read";
  EXPECT_THAT(cluster.Tikhaul({"ledger", "--limit", "0"}), testing::HasSubstr("(idle by totals)"));

  // A later backfill of other days knows what was found out.
  cluster.Backfill({"ads_daily"}, "2024-07-01", "2026-04-30");
  cluster.WaitIdle();
  EXPECT_EQ(
      cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE advertiser IN (SELECT id FROM tikhaul_advertiser "
                       "WHERE id NOT IN (SELECT advertiser_id FROM ads_daily)) AND extract = 'ads_daily' AND NOT "
                       "by_probe AND last_day < '2026-05-01'"),
      0);
}

TEST(EconomyTest, SwitchedOffEverythingIsRead) {
  const std::vector<Wanted> wanted = {SixExtracts()[0]};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = kAgency, .coordinator = "leave_out_idle: false"});
  cluster.Start();
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE by_probe"), 0);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_activity"), 0);
}

TEST(EconomyTest, WhatTheApiDoesNotAnswerForSeveralIsAskedOneByOne) {
  const std::vector<Wanted> wanted = {SixExtracts()[0]};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = kAgency});
  cluster.Start();
  // The first questions are about five advertisers each.
  cluster.Fault(R"({"kind":"code","code":40002,"message":"advertiser_ids is not open to this app","times":2,)"
                R"("match":{"path":"report/integrated/get/","data_level":"AUCTION_ADVERTISER"}})");
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_EQ(cluster.FaultHits(), 2);
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_GT(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE by_probe"), 0);
}

TEST(EconomyTest, WithoutAnAnswerEverythingIsRead) {
  const std::vector<Wanted> wanted = {SixExtracts()[0]};
  TestCluster cluster({.extracts = YamlOf(wanted), .data_set = kAgency});
  cluster.Start();
  cluster.Fault(R"({"kind":"code","code":40002,"message":"not open","times":-1,)"
                R"("match":{"path":"report/integrated/get/","data_level":"AUCTION_ADVERTISER"}})");
  cluster.Backfill();
  cluster.WaitIdle();
  EXPECT_GT(cluster.FaultHits(), 0);
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE by_probe"), 0);
}

}  // namespace
}  // namespace tikhaul
