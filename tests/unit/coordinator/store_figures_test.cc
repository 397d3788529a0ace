#include "coordinator/lead/store_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status_macros.h"
#include "tests/unit/coordinator/coordinator_test_util.h"

namespace tikhaul {
namespace {

using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = Utc("2026-03-10 13:00:00");

class StoreFiguresTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.Write([](StoreTransaction& tx) { return tx.PutAdvertiser(AdvertiserIn("America/New_York")); });
  }

  void AddRun(const std::string& id, RunKind kind, absl::Duration age, int chunks) {
    tikhaul::Run run;  // not testing::Test::Run
    run.id = id;
    run.extract = "ads_daily";
    run.kind = kind;
    run.created = kNow - age;
    store_.Write([&](StoreTransaction& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.InsertRun(run));
      for (int i = 0; i < chunks; ++i) {
        Chunk chunk;
        chunk.run_id = id;
        chunk.extract = "ads_daily";
        chunk.connection = "main";
        chunk.advertiser = kAdvertiserId;
        chunk.window = Days("2026-01-01", "2026-01-30");
        chunk.window.last += i;
        RETURN_IF_ERROR(tx.InsertChunks({chunk}).status());
      }
      return absl::OkStatus();
    });
  }

  void PutCursor(const std::string& advertiser, std::optional<absl::CivilDay> day) {
    Cursor cursor;
    cursor.extract = "ads_daily";
    cursor.advertiser = advertiser;
    cursor.first_day = Day("2026-02-01");
    cursor.through = cursor.cursor = day;
    store_.Write([&](StoreTransaction& tx) { return tx.PutCursor(cursor); });
  }

  std::string Text() {
    EXPECT_OK(figures_.Tick());
    return metrics_.Text();
  }

  ManualClock clock_{kNow}, real_clock_{Utc("2026-11-28 00:00:00")};
  StoreWithExtracts store_;
  MetricSet metrics_;
  CoordinatorMetrics own_{metrics_, {"ads_daily"}};
  StoreFigures figures_{store_.config, store_.registry, *store_.store, clock_, real_clock_, own_};
};

TEST_F(StoreFiguresTest, CountsChunksAndRuns) {
  AddRun("bf-1", RunKind::kBackfill, absl::Hours(5), 3);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("tikhaul_chunks{extract=\"ads_daily\",state=\"ready\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tikhaul_chunks{extract=\"ads_daily\",state=\"dead\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tikhaul_runs{extract=\"ads_daily\",kind=\"backfill\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tikhaul_runs{extract=\"ads_daily\",kind=\"increment\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tikhaul_store_read_timestamp_seconds 1795824000\n")) << "by the real clock";
}

TEST_F(StoreFiguresTest, TheOldestReadyOfEachKind) {
  AddRun("bf-1", RunKind::kBackfill, absl::Hours(5), 1);
  AddRun("bf-2", RunKind::kBackfill, absl::Hours(9), 0);  // nothing of it is ready
  AddRun("in-1", RunKind::kIncrement, absl::Minutes(2), 1);
  EXPECT_THAT(Text(), HasSubstr("tikhaul_oldest_ready_seconds{kind=\"backfill\"} 18000\n"));
  EXPECT_THAT(Text(), HasSubstr("tikhaul_oldest_ready_seconds{kind=\"increment\"} 120\n"));
  // What an operator holds back does not wait for its turn.
  store_.Write(
      [](StoreTransaction& tx) { return tx.PutPause({.scope = "run", .name = "bf-1", .reason = "operator"}); });
  EXPECT_THAT(Text(), HasSubstr("tikhaul_oldest_ready_seconds{kind=\"backfill\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr("tikhaul_pauses{origin=\"operator\"} 1\n"));
  // Nor does what may not run yet.
  store_.Write([](StoreTransaction& tx) -> absl::Status {
    ChunkFilter filter;
    filter.run_id = "in-1";
    ASSIGN_OR_RETURN(std::vector<Chunk> chunks, tx.ListChunks(filter, 0, 0));
    chunks.at(0).not_before = kNow + absl::Hours(1);
    return tx.UpdateChunk(chunks[0]);
  });
  EXPECT_THAT(Text(), HasSubstr("tikhaul_oldest_ready_seconds{kind=\"increment\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr("tikhaul_chunks_waiting 1\n"));
}

TEST_F(StoreFiguresTest, FinalityLagIsThatOfTheWorstCursor) {
  EXPECT_THAT(Text(), Not(HasSubstr("tikhaul_finality_lag_seconds{")));
  PutCursor(kAdvertiserId, Day("2026-03-08"));     // ends in New York, in summer time from that day on, at 04:00 UTC
  PutCursor("7001000000000000002", std::nullopt);  // of an account that the configuration does not have any more
  clock_.Advance(absl::Seconds(30));
  EXPECT_THAT(Text(), HasSubstr("tikhaul_finality_lag_seconds{extract=\"ads_daily\"} 118830\n"));
  // Without a cursor: since the first wanted day.
  PutCursor(kAdvertiserId, std::nullopt);
  clock_.Advance(absl::Seconds(30));
  EXPECT_THAT(Text(), HasSubstr("tikhaul_finality_lag_seconds{extract=\"ads_daily\"} 3225660\n"));
}

TEST_F(StoreFiguresTest, ABlockedAdvertiserDoesNotLag) {
  PutCursor(kAdvertiserId, Day("2026-02-01"));
  store_.Write([](StoreTransaction& tx) {
    return tx.PutAccess({.advertiser = kAdvertiserId,
                         .endpoint = "report/integrated/get/",
                         .state = AccessState::kNoGrant,
                         .message = ""});
  });
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("tikhaul_blocks 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("tikhaul_finality_lag_seconds{")));
}

TEST_F(StoreFiguresTest, AreForgottenWithTheLead) {
  AddRun("bf-1", RunKind::kBackfill, absl::Hours(5), 3);
  EXPECT_THAT(Text(), HasSubstr("tikhaul_chunks{"));
  own_.ForgetLead();
  const std::string text = metrics_.Text();
  EXPECT_THAT(text, Not(HasSubstr("tikhaul_chunks{")));
  EXPECT_THAT(text, HasSubstr("tikhaul_chunks_committed_total{extract=\"ads_daily\"} 0\n")) << "counters stay";
}

}  // namespace
}  // namespace tikhaul
