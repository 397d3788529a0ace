#include "cli/local/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

v1::Run MakeRun(const std::string& extract, const std::string& state, uint64_t chunks, bool existed) {
  v1::Run run;
  run.set_extract(extract);
  run.set_state(state);
  run.mutable_chunks()->set_done(chunks);
  run.set_rows(chunks * 1000);
  run.set_calls(chunks);
  run.set_existed(existed);
  return run;
}

TEST(SummaryTableTest, SumsTheRunsOfEachExtract) {
  Runs runs;
  *runs.Add() = MakeRun("ads_daily", "done", 10, false);
  *runs.Add() = MakeRun("adverts", "done", 1, true);
  *runs.Add() = MakeRun("ads_daily", "done", 2, false);
  v1::PlanResponse plan;
  plan.add_lines()->set_extract("ads_daily");
  plan.mutable_lines(0)->set_advertisers(3);
  EXPECT_EQ(SummaryTable(runs, plan),
            "extract    advertisers  chunks    rows  calls  state\n"
            "ads_daily            3   12/12  12,000     12  done\n"
            "adverts              -     1/1   1,000      1  already done\n");
}

TEST(SummaryTableTest, LeavesOutWhatWasDoneBeforeWhereThereIsMore) {
  Runs runs;
  *runs.Add() = MakeRun("ads_daily", "done", 134, true);
  *runs.Add() = MakeRun("ads_daily", "done", 6, false);
  EXPECT_EQ(SummaryTable(runs, {}),
            "extract    advertisers  chunks   rows  calls  state\n"
            "ads_daily            -     6/6  6,000      6  done\n");
}

TEST(SummaryTableTest, ShowsTheLeastGoodState) {
  Runs runs;
  *runs.Add() = MakeRun("ads_daily", "done", 10, false);
  *runs.Add() = MakeRun("ads_daily", "partial", 2, false);
  EXPECT_THAT(SummaryTable(runs, {}), ::testing::HasSubstr("partial"));
  *runs.Add() = MakeRun("ads_daily", "running", 2, false);
  EXPECT_THAT(SummaryTable(runs, {}), ::testing::HasSubstr("not finished"));
}

TEST(DeadLetterLinesTest, GroupsByCauseAndNamesTheCommand) {
  v1::ListDeadLettersResponse letters;
  for (int i = 0; i < 3; ++i) {
    v1::DeadLetter& letter = *letters.add_dead_letters();
    letter.set_extract("ads_daily");
    letter.set_reason("permanent");
    letter.set_code(40002);
    letter.set_message("metrics: unknown");
  }
  const std::vector<std::string> lines = DeadLetterLines(letters);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], ::testing::HasSubstr("3 chunks of ads_daily (permanent, code 40002): metrics: unknown"));
  EXPECT_THAT(lines[0], ::testing::HasSubstr("tikhaul retry --extract ads_daily --reason permanent"));
}

}  // namespace
}  // namespace tikhaul
