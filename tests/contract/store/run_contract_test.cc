// Runs, extracts, advertisers.
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;

// testing::Test has a Run of its own.
using StoredRun = tikhaul::Run;

class RunContract : public StoreContract {
 protected:
  static StoredRun MakeRun(const std::string& id, RunState state = RunState::kRunning, absl::Time created = At(0)) {
    StoredRun run;
    run.id = id;
    run.extract = "ads_daily";
    run.state = state;
    run.created = created;
    run.first_day = Day(1);
    run.last_day = Day(31);
    return run;
  }
  absl::Status InsertRun(const StoredRun& run) {
    return Write([&](StoreTransaction& tx) { return tx.InsertRun(run); });
  }
  std::vector<std::string> List(const std::string& extract, size_t limit_finished) {
    std::vector<std::string> ids;
    for (const StoredRun& run : Get([&](StoreReader& r) { return r.ListRuns(extract, limit_finished); }))
      ids.push_back(run.id);
    return ids;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, RunContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(RunContract, RunComesBackWholeAndIsUpdated) {
  StoredRun run = MakeRun("run-1");
  run.kind = RunKind::kIncrement;
  run.request = "2026-03-01..2026-03-31";
  ASSERT_OK(InsertRun(run));
  std::optional<StoredRun> stored = Get([](StoreReader& r) { return r.GetRun("run-1"); });
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->extract, run.extract);
  EXPECT_EQ(stored->kind, run.kind);
  EXPECT_EQ(stored->state, run.state);
  EXPECT_EQ(stored->request, run.request);
  EXPECT_EQ(stored->first_day, Day(1));
  EXPECT_EQ(stored->last_day, Day(31));
  EXPECT_EQ(stored->created, At(0));
  EXPECT_FALSE(stored->finished.has_value());
  run.state = RunState::kPartial;
  run.finished = At(99);
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.UpdateRun(run); }));
  stored = Get([](StoreReader& r) { return r.GetRun("run-1"); });
  EXPECT_EQ(stored->state, RunState::kPartial);
  EXPECT_EQ(stored->finished, At(99));
}

TEST_P(RunContract, RunsAreFoundNewestFirstByWhatIsAskedForAndPageByPage) {
  StoredRun other = MakeRun("run-4", RunState::kPartial, At(3));
  other.extract = "audience";
  other.kind = RunKind::kIncrement;
  for (const StoredRun& run : {MakeRun("run-1", RunState::kDone, At(1)), MakeRun("run-3", RunState::kRunning, At(2)),
                               MakeRun("run-2", RunState::kDone, At(2)), other}) {
    ASSERT_OK(InsertRun(run));
  }
  const auto find = [&](const RunFilter& filter, size_t limit = 0) {
    std::vector<std::string> ids;
    for (const StoredRun& run : Get([&](StoreReader& r) { return r.FindRuns(filter, limit); })) ids.push_back(run.id);
    return ids;
  };
  EXPECT_THAT(find({}), ElementsAre("run-4", "run-2", "run-3", "run-1"));
  EXPECT_THAT(find({}, 2), ElementsAre("run-4", "run-2"));
  EXPECT_THAT(find({.after = std::pair(At(2), std::string("run-2"))}), ElementsAre("run-3", "run-1"));
  EXPECT_THAT(find({.after = std::pair(At(2), std::string("run-3"))}, 5), ElementsAre("run-1"));
  EXPECT_THAT(find({.extract = "audience"}), ElementsAre("run-4"));
  EXPECT_THAT(find({.kind = RunKind::kBackfill, .state = RunState::kDone}), ElementsAre("run-2", "run-1"));
  EXPECT_THAT(find({.state = RunState::kCancelled}), ElementsAre());
}

TEST_P(RunContract, TakenIdIsRefusedAndUnknownIdIsNotFound) {
  ASSERT_OK(InsertRun(MakeRun("run-1")));
  EXPECT_EQ(InsertRun(MakeRun("run-1")).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Write([&](StoreTransaction& tx) { return tx.UpdateRun(MakeRun("run-2")); }).code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(Get([](StoreReader& r) { return r.GetRun("run-2"); }).has_value());
}

TEST_P(RunContract, RunningOnesStandFirstThenTheNewestFinished) {
  ASSERT_OK(InsertRun(MakeRun("old", RunState::kDone, At(1))));
  ASSERT_OK(InsertRun(MakeRun("running", RunState::kRunning, At(2))));
  ASSERT_OK(InsertRun(MakeRun("cancelled", RunState::kCancelled, At(3))));
  ASSERT_OK(InsertRun(MakeRun("partial", RunState::kPartial, At(4))));
  StoredRun other = MakeRun("other", RunState::kRunning, At(5));
  other.extract = "audience";
  ASSERT_OK(InsertRun(other));
  EXPECT_THAT(List("", 0), ElementsAre("other", "running", "partial", "cancelled", "old"));
  EXPECT_THAT(List("ads_daily", 2), ElementsAre("running", "partial", "cancelled"));
  EXPECT_THAT(List("audience", 1), ElementsAre("other"));
}

TEST_P(RunContract, ExtractsAreKeptByName) {
  const auto put = [&](const StoredExtract& extract) {
    return Write([&](StoreTransaction& tx) { return tx.PutExtract(extract); });
  };
  ASSERT_OK(put({.name = "b", .table = "tb", .spec = "{}", .version = 1, .key = "kb", .endpoint = "ad/get/"}));
  ASSERT_OK(put({.name = "a", .table = "ta", .spec = "{}", .version = 1, .key = "ka", .endpoint = ""}));
  ASSERT_OK(put({.name = "b", .table = "tb", .spec = "{\"x\":1}", .version = 2, .key = "kb", .endpoint = "ad/get/"}));
  const std::vector<StoredExtract> extracts = Get([](StoreReader& r) { return r.ListExtracts(); });
  ASSERT_EQ(extracts.size(), 2u);
  EXPECT_EQ(extracts[0].name, "a");
  EXPECT_EQ(extracts[1].table, "tb");
  EXPECT_EQ(extracts[1].spec, "{\"x\":1}");
  EXPECT_EQ(extracts[1].version, 2);
  EXPECT_EQ(extracts[1].key, "kb");
  EXPECT_EQ(extracts[1].endpoint, "ad/get/");
}

TEST_P(RunContract, AdvertisersAreListedByConnectionAndId) {
  const auto put = [&](const std::string& id, const std::string& connection, const std::string& name) {
    const Advertiser advertiser{.id = id,
                                .connection = connection,
                                .name = name,
                                .timezone = "Europe/London",
                                .currency = "GBP",
                                .status = "STATUS_ENABLE",
                                .created = At(-1000)};
    return Write([&](StoreTransaction& tx) { return tx.PutAdvertiser(advertiser); });
  };
  ASSERT_OK(put("2", "y", "two"));
  ASSERT_OK(put("3", "x", "three"));
  ASSERT_OK(put("1", "y", "one"));
  ASSERT_OK(put("1", "y", "one renamed"));
  const std::vector<Advertiser> advertisers = Get([](StoreReader& r) { return r.ListAdvertisers(); });
  std::vector<std::string> names;
  for (const Advertiser& advertiser : advertisers) names.push_back(advertiser.name);
  EXPECT_THAT(names, ElementsAre("three", "one renamed", "two"));
  EXPECT_EQ(advertisers[0].timezone, "Europe/London");
  EXPECT_EQ(advertisers[0].currency, "GBP");
  EXPECT_EQ(advertisers[0].status, "STATUS_ENABLE");
  EXPECT_EQ(advertisers[0].created, At(-1000));
}

}  // namespace
}  // namespace tikhaul
