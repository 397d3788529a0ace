#include "coordinator/runs/increment_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kLookBackOf5[] =
    "  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [spend], look_back: "
    "5}\n";
constexpr char kLookBackAuto[] =
    "  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [spend], look_back: "
    "auto}\n";
constexpr char kCampaigns[] = "  - {name: campaigns, stream: campaigns}\n";

const absl::Time kNow = Utc("2026-03-10 13:00:00");

class IncrementPlanTest : public testing::Test {
 protected:
  void Use(absl::string_view extracts) { store_ = std::make_unique<StoreWithExtracts>(extracts); }
  const RegisteredExtract& extract() const { return store_->registry.all()[0]; }

  void Read(absl::string_view first, absl::string_view last, absl::string_view committed) {
    store_->Write([&](StoreTransaction& tx) -> absl::Status {
      LedgerEntry entry;
      entry.chunk = ++ledger_chunk_;
      entry.run_id = "bf-1";
      entry.extract = extract().spec.name();
      entry.advertiser = kAdvertiserId;
      entry.window = Days(first, last);
      entry.committed = Utc(committed);
      absl::Status status = tx.AddLedger(entry);
      status.Update(tx.PutCoverage(entry.extract, entry.advertiser, {{Day(first), Day(last)}}));
      return status;
    });
  }

  void AddRun(const std::string& id, RunKind kind, RunState state, absl::Time created) {
    tikhaul::Run run;  // not testing::Test::Run
    run.id = id;
    run.extract = extract().spec.name();
    run.kind = kind;
    run.state = state;
    run.created = created;
    store_->Write([&](StoreTransaction& tx) { return tx.InsertRun(run); });
  }

  void AddChunk(Window window, ChunkState state, const std::string& only_metrics = "") {
    Chunk chunk;
    chunk.only_metrics = only_metrics;
    chunk.run_id = "bf-1";
    chunk.extract = extract().spec.name();
    chunk.connection = "main";
    chunk.advertiser = kAdvertiserId;
    chunk.window = window;
    chunk.state = state;
    store_->Write([&](StoreTransaction& tx) { return tx.InsertChunks({chunk}).status(); });
  }

  IncrementPlan Plan(bool only_due = false, absl::Time now = kNow) {
    IncrementPlan plan;
    EXPECT_OK(store_->store->Read([&](StoreReader& reader) -> absl::Status {
      absl::StatusOr<IncrementPlan> made = PlanIncrements(reader, extract(), {AdvertiserIn("UTC")}, now, only_due);
      if (made.ok()) plan = *std::move(made);
      return made.status();
    }));
    return plan;
  }

  static std::vector<std::string> WindowsOf(const IncrementPlan& plan) {
    std::vector<std::string> texts;
    for (const auto& [advertiser, windows] : plan.pieces) {
      for (const Window& window : windows) texts.push_back(FormatWindow(window));
    }
    return texts;
  }

  std::unique_ptr<StoreWithExtracts> store_ = std::make_unique<StoreWithExtracts>();
  ChunkId ledger_chunk_ = 0;
};

TEST_F(IncrementPlanTest, WhatWasNeverBackfilledHasNoIncrement) {
  const IncrementPlan plan = Plan();
  EXPECT_THAT(plan.pieces, IsEmpty());
  EXPECT_THAT(plan.note, HasSubstr("tikhaul backfill ads_daily"));
}

TEST_F(IncrementPlanTest, TheLastDayIsReadAgainAndNewDaysAreAdded) {
  Read("2026-03-01", "2026-03-09", "2026-03-09 13:30:00");
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-03-09..2026-03-10"));
}

TEST_F(IncrementPlanTest, DaysThatWereProvisionalAreReadAgainHoweverLongAgoThatWas) {
  Read("2026-03-01", "2026-03-05", "2026-03-05 01:00:00");  // before the repair run of 4 March
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-03-04..2026-03-10"));
}

TEST_F(IncrementPlanTest, TheLookBackReachesAsFarAsConfigured) {
  Use(kLookBackOf5);
  Read("2026-02-01", "2026-03-10", "2026-03-10 12:30:00");
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-03-06..2026-03-10"));
}

TEST_F(IncrementPlanTest, ALearnedLookBackBeginsWithAWeekAndChecksAllThatIsNotFinal) {
  Use(kLookBackAuto);
  Read("2025-01-01", "2026-03-09", "2026-03-09 13:30:00");
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-03-03..2026-03-10"));
  // A week later: what was read when it was 28 days old is final, all else is read again, though not as one window of
  // the 36 days.
  EXPECT_THAT(WindowsOf(Plan(/*only_due=*/false, kNow + absl::Hours(24 * 6))),
              ElementsAre("2026-02-15..2026-03-16", "2026-02-09..2026-02-14"));
}

TEST_F(IncrementPlanTest, ACheckLeavesHolesOfCancelledHistoryHoles) {
  Use(kLookBackAuto);
  Read("2026-02-20", "2026-03-09", "2026-03-02 13:30:00");
  store_->Write([&](StoreTransaction& tx) {
    return tx.PutCoverage(extract().spec.name(), kAdvertiserId,
                          {{Day("2026-02-20"), Day("2026-02-22")}, {Day("2026-02-26"), Day("2026-03-09")}});
  });
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-02-26..2026-03-10", "2026-02-20..2026-02-22"));
}

TEST_F(IncrementPlanTest, HolesOfCancelledHistoryStayHoles) {
  Read("2026-03-07", "2026-03-09", "2026-03-09 13:30:00");
  AddChunk(Days("2026-02-01", "2026-03-06"), ChunkState::kCancelled);
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-03-09..2026-03-10"));
}

TEST_F(IncrementPlanTest, DaysOfUnfinishedChunksAreLeftToThem) {
  Read("2026-03-01", "2026-03-09", "2026-03-09 13:30:00");
  AddChunk(Days("2026-03-09", "2026-03-09"), ChunkState::kReady);
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-03-10..2026-03-10"));
}

TEST_F(IncrementPlanTest, WhileABackfillReadsTheNewestDaysThereIsNothingToAdd) {
  Read("2026-03-01", "2026-03-05", "2026-03-05 13:30:00");
  AddChunk(Days("2026-03-06", "2026-03-10"), ChunkState::kRunning);
  const IncrementPlan plan = Plan();
  EXPECT_THAT(plan.pieces, IsEmpty());
  EXPECT_THAT(plan.note, HasSubstr("being read already"));
}

TEST_F(IncrementPlanTest, DeadDaysWaitForTheOperator) {
  Read("2026-03-01", "2026-03-08", "2026-03-08 13:30:00");
  AddChunk(Days("2026-03-09", "2026-03-09"), ChunkState::kDead);
  EXPECT_THAT(WindowsOf(Plan()), ElementsAre("2026-03-10..2026-03-10", "2026-03-08..2026-03-08"));
}

TEST_F(IncrementPlanTest, WithoutNamesOnlyAccountsWhoseDayHasBegunAreDue) {
  Read("2026-03-01", "2026-03-10", "2026-03-10 12:30:00");
  const IncrementPlan today = Plan(/*only_due=*/true);
  EXPECT_THAT(today.pieces, IsEmpty());
  EXPECT_THAT(today.note, HasSubstr("up to date"));
  // 9 March, too: it may have been read before its repair run at noon.
  EXPECT_THAT(WindowsOf(Plan(/*only_due=*/true, kNow + absl::Hours(12))), ElementsAre("2026-03-09..2026-03-11"));
}

TEST_F(IncrementPlanTest, ThereIsOneIncrementAtATime) {
  Read("2026-03-01", "2026-03-09", "2026-03-09 13:30:00");
  AddRun("in-1", RunKind::kIncrement, RunState::kRunning, kNow - absl::Minutes(1));
  const IncrementPlan plan = Plan();
  EXPECT_THAT(plan.pieces, IsEmpty());
  ASSERT_TRUE(plan.unfinished.has_value());
  EXPECT_EQ(plan.unfinished->id, "in-1");
}

TEST_F(IncrementPlanTest, ObjectsAreReadWholeOnceADay) {
  Use(kCampaigns);
  EXPECT_THAT(Plan().note, HasSubstr("nothing is read yet"));
  AddRun("bf-1", RunKind::kBackfill, RunState::kDone, kNow - absl::Hours(2));
  EXPECT_THAT(Plan(/*only_due=*/true).note, HasSubstr("up to date"));
  EXPECT_THAT(WindowsOf(Plan(/*only_due=*/true, kNow + absl::Hours(12))), ElementsAre("all"));
  EXPECT_THAT(WindowsOf(Plan(/*only_due=*/false)), ElementsAre("all")) << "asked for by name: at once";
}

TEST_F(IncrementPlanTest, ObjectsThatAreBeingReadAreNotReadBesideIt) {
  Use(kCampaigns);
  AddRun("bf-1", RunKind::kBackfill, RunState::kRunning, kNow - absl::Hours(30));
  const IncrementPlan plan = Plan();
  EXPECT_THAT(plan.pieces, IsEmpty());
  EXPECT_THAT(plan.note, HasSubstr("under way"));
}

TEST_F(IncrementPlanTest, AZoneThatThisMachineLacksIsNamed) {
  Read("2026-03-01", "2026-03-09", "2026-03-09 13:30:00");
  const absl::Status status = store_->store->Read([&](StoreReader& reader) {
    return PlanIncrements(reader, extract(), {AdvertiserIn("Mars/Olympus")}, kNow, false).status();
  });
  EXPECT_THAT(std::string(status.message()), HasSubstr("Mars/Olympus"));
}

TEST_F(IncrementPlanTest, ColumnsThatAreBeingFilledDoNotHoldUpTheirDays) {
  Use(kAdsDaily);
  Read("2026-01-01", "2026-03-09", "2026-03-09 13:00:00");
  const std::vector<std::string> before = WindowsOf(Plan());
  ASSERT_FALSE(before.empty());
  AddChunk(Days("2026-02-09", "2026-03-10"), ChunkState::kReady, "clicks");
  EXPECT_EQ(WindowsOf(Plan()), before);
}

}  // namespace
}  // namespace tikhaul
