#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "cli/format.h"
#include "cli/progress/render.h"
#include "google/protobuf/text_format.h"

namespace tikhaul {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::ResultOf;

v1::Status Parse(const char* text) {
  v1::Status status;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &status));
  return status;
}

constexpr char kTwoExtracts[] = R"pb(
  extracts {
    extract: "ads_daily"
    chunks { ready: 118 running: 2 done: 119 dead: 1 waiting: 4 split: 9 cancelled: 3 }
    rows: 1234567
    calls: 900
    calls_per_second: 8.2
    eta_seconds: 80
    rows_per_second: 3210
  }
  extracts {
    extract: "campaigns"
    chunks { done: 3 }
    rows: 42
    calls: 3
  }
  workers { name: "local-1" }
  workers { name: "local-2" }
  quota { per_second: 10 per_day: 864000 used_today: 12345 calls_per_second: 9.8 share: 0.98 state: "open" }
)pb";

std::string Render(const v1::Status& status, ProgressStyle style) {
  return absl::StrJoin(RenderProgress(status, style), "\n") + "\n";
}

TEST(RenderProgressTest, ShowsABarAndFiguresPerExtract) {
  EXPECT_EQ(Render(Parse(kTwoExtracts), {.width = 160}),
            "ads_daily  ##############................   49 %  119/240 chunks  1,234,567 rows  3,210 rows/s  8.2 "
            "calls/s  82 % "
            "of quota  about 1 min 20 s left\n"
            "campaigns  ##############################  100 %      3/3 chunks         42 rows                          "
            "        "
            "          done\n"
            "quota    9.8 calls/s (98 % of 10/s), 12,345 of 864,000 calls used today\n"
            "work     2 workers, 2 chunks running, 118 to go, 4 of them waiting\n");
}

TEST(RenderProgressTest, DropsTheLeastTellingColumnsWhereTheLineIsShort) {
  EXPECT_EQ(Render(Parse(kTwoExtracts), {.width = 68}),
            "ads_daily  ########..........   49 %  119/240 chunks  1,234,567 rows\n"
            "campaigns  ##################  100 %      3/3 chunks         42 rows\n"
            "quota    9.8 calls/s (98 % of 10/s), 12,345 of 864,000 calls used...\n"
            "work     2 workers, 2 chunks running, 118 to go, 4 of them waiting\n");
}

TEST(RenderProgressTest, DrawsBlocksWhereTheTerminalHasThem) {
  const std::vector<std::string> lines = RenderProgress(Parse(kTwoExtracts), {.width = 40, .unicode = true});
  EXPECT_EQ(lines[0], "ads_daily  ██████████░░░░░░░░░░░░   49 %");
}

TEST(RenderProgressTest, NeverPassesTheWidth) {
  v1::Status status = Parse(kTwoExtracts);
  status.mutable_extracts(0)->set_extract(std::string(50, 'x'));
  status.add_faults(std::string(300, 'y'));
  for (int width = 20; width <= 200; width += 9) {
    EXPECT_THAT(RenderProgress(status, {.width = width}), Each(ResultOf(DisplayWidth, ::testing::Le(width)))) << width;
  }
}

TEST(RenderProgressTest, SaysHundredPercentOnlyWhenAllIsDone) {
  const v1::Status status = Parse(R"pb(extracts {
                                         extract: "a"
                                         chunks { ready: 1 done: 9999 }
                                       })pb");
  EXPECT_THAT(RenderProgress(status, {.width = 60})[0], ::testing::HasSubstr("99 %"));
}

TEST(RenderProgressTest, LetsForeignTextNotSteerTheTerminal) {
  v1::Status status;
  status.add_faults("\x1b[2J store\nbroken");
  const std::string text = Render(status, {.width = 100});
  EXPECT_THAT(text, ::testing::HasSubstr("fault    ?[2J store broken"));
}

TEST(HindranceLinesTest, NamesEachCauseAndItsMend) {
  const v1::Status status = Parse(R"pb(
    faults: "store: disk full; free space under /data"
    pauses { scope: "connection" name: "main" reason: "token refused (40105)" mend: "put a new token into token.txt" }
    pauses { scope: "all" reason: "operator" }
    blocks {
      advertiser: "7002"
      endpoint: "ad/get/"
      state: "no_grant"
      code: 40001
      reason: "no permission"
      mend: "let the account grant it"
      retry_at { seconds: 1781524800 }
    }
    dead_letters: 3
  )pb");
  EXPECT_THAT(
      HindranceLines(status),
      ElementsAre(
          "fault    store: disk full; free space under /data",
          "paused   connection main: token refused (40105); put a new token into token.txt", "paused   all: operator",
          "blocked  advertiser 7002 at ad/get/: not granted: no permission (code 40001); let the account grant it; "
          "next try 2026-06-15 12:00:00 UTC",
          "dead     3 chunks; `tikhaul retry --list` tells why, `tikhaul retry` tries again"));
}

TEST(HindranceLinesTest, CountsBlocksBeyondTheFirstFive) {
  v1::Status status;
  for (int i = 0; i < 8; ++i) status.add_blocks()->set_endpoint(std::string(1, static_cast<char>('a' + i)));
  const std::vector<std::string> lines = HindranceLines(status);
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[5], "blocked  and 3 more (tikhaul check)");
}

TEST(HindranceLinesTest, BlocksOfOneCauseShareALine) {
  v1::Status status;
  for (int i = 0; i < 300; ++i) {
    v1::Block& block = *status.add_blocks();
    block.set_advertiser(std::to_string(7000 + i));
    block.set_endpoint("ad/get/");
    block.set_state("account_dead");
    block.set_code(40300);
    block.set_reason("gone");
  }
  EXPECT_THAT(HindranceLines(status),
              ElementsAre("blocked  advertiser 7000 and 299 more at ad/get/: account closed: gone "
                          "(code 40300)"));
}

TEST(HindranceLinesTest, AreEmptyWhenAllIsWell) { EXPECT_THAT(HindranceLines(v1::Status()), IsEmpty()); }

TEST(TimeLeftTest, TellsDoneWaitingAndUnknownApart) {
  v1::ExtractProgress progress;
  EXPECT_EQ(TimeLeft(progress), "done");
  progress.mutable_chunks()->set_ready(2);
  EXPECT_EQ(TimeLeft(progress), "");
  progress.mutable_chunks()->set_waiting(2);
  EXPECT_EQ(TimeLeft(progress), "waiting");
  progress.set_eta_seconds(130);
  EXPECT_EQ(TimeLeft(progress), "about 2 min 10 s left");
}

TEST(QuotaLineTest, TellsWhenTheQuotaIsNotOpen) {
  v1::QuotaInfo quota;
  quota.set_state("frozen until 12:05 UTC");
  EXPECT_EQ(QuotaLine(quota), "0 calls/s, 0 calls used today; frozen until 12:05 UTC");
}

}  // namespace
}  // namespace tikhaul
