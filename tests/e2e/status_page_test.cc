// The status page of a running installation, in a browser: what it shows is what is so, and its command mends.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/cluster.h"
#include "tests/support/look_at_page.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kExtract[] =
    "  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [spend, clicks]}\n";

TEST(StatusPageTest, AHoleIsSeenAndTheCommandBesideItMendsIt) {
  TestCluster cluster({.extracts = kExtract, .workers = 2, .coordinator = "http: \"127.0.0.1:0\""});
  cluster.Start();
  cluster.Backfill({"ads_daily"}, "2026-01-01", "2026-03-13");
  cluster.Backfill({"ads_daily"}, "2026-03-15", "2026-06-14");
  cluster.WaitIdle();
  const int port = cluster.HttpPort("coordinator");
  ASSERT_GT(port, 0);

  const nlohmann::json before = LookAtPage(port, "3 holes with 3 missing days among 3 advertisers");
  EXPECT_THAT(before.value("complaints", nlohmann::json()), IsEmpty());
  EXPECT_THAT(before.value("foreign", nlohmann::json()), IsEmpty());
  EXPECT_THAT(before.value("runs", ""), AllOf(HasSubstr("ads_daily"), HasSubstr("100 %"), HasSubstr("done")));
  EXPECT_THAT(before.value("workers", ""), HasSubstr("UTC"));
  EXPECT_THAT(before.value("coordinators", ""), HasSubstr("leads"));
  EXPECT_EQ(before.value("troubles", "none"), "");
  EXPECT_EQ(before.value("log_out", "none"), "");
  const auto letters = before.value("letters", std::vector<std::string>());
  ASSERT_THAT(letters, SizeIs(3));
  for (const std::string& days : letters) {
    EXPECT_EQ(days.size(), 165u);    // 1 January to 14 June
    EXPECT_EQ(days.find('m'), 72u);  // 14 March
    EXPECT_THAT(days, Not(HasSubstr("mm")));
  }

  for (const std::string& command : before.value("commands", std::vector<std::string>())) {
    std::vector<std::string> words = absl::StrSplit(command, ' ');
    ASSERT_EQ(words.front(), "tikhaul");
    words.erase(words.begin());
    cluster.Tikhaul(words);
  }
  cluster.WaitIdle();
  const nlohmann::json after = LookAtPage(port, "No hole");
  EXPECT_THAT(after.value("letters", std::vector<std::string>()), AllOf(SizeIs(3), Each(Not(HasSubstr("m")))));
  EXPECT_THAT(cluster.Tikhaul({"calendar", "ads_daily", "--scale", "day"}), HasSubstr("no hole"));
}

}  // namespace
}  // namespace tikhaul
