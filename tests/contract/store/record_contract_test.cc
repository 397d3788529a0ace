// Dead letters, pauses, access, drift, quota.
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RecordContract : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, RecordContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(RecordContract, DeadLettersAreFilteredByTheirChunks) {
  std::vector<Chunk> chunks = {MakeChunk("run-1", "7001", Days(1, 1)), MakeChunk("run-1", "7002", Days(1, 1)),
                               MakeChunk("run-2", "7001", Days(1, 1))};
  for (Chunk& chunk : chunks) chunk.state = ChunkState::kDead;
  chunks = Insert(chunks);
  for (const Chunk& chunk : chunks) {
    DeadLetter letter{.chunk = chunk.id,
                      .reason = FailureClass::kPermanent,
                      .code = 40002,
                      .http_status = 200,
                      .message = "Invalid metric",
                      .request_id = "2026A",
                      .exchange = "GET /x\n\n{}",
                      .died = At(0)};
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutDeadLetter(letter); }));
  }
  const auto list = [&](const ChunkFilter& filter, ChunkId after = 0, size_t limit = 0) {
    std::vector<ChunkId> ids;
    for (const DeadLetter& d : Get([&](StoreReader& r) { return r.ListDeadLetters(filter, after, limit); })) {
      ids.push_back(d.chunk);
    }
    return ids;
  };
  EXPECT_THAT(list({}), ElementsAre(chunks[0].id, chunks[1].id, chunks[2].id));
  EXPECT_THAT(list({}, chunks[0].id, 1), ElementsAre(chunks[1].id));
  ChunkFilter filter;
  filter.run_id = "run-1";
  EXPECT_THAT(list(filter), ElementsAre(chunks[0].id, chunks[1].id));
  filter.advertiser = "7002";
  EXPECT_THAT(list(filter), ElementsAre(chunks[1].id));
  EXPECT_EQ(Get([](StoreReader& r) { return r.CountDeadLetters(); }), 3u);
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.RemoveDeadLetter(chunks[0].id); }));
  EXPECT_EQ(Get([](StoreReader& r) { return r.CountDeadLetters(); }), 2u);
  const DeadLetter stored = Get([](StoreReader& r) { return r.ListDeadLetters({}, 0, 1); }).at(0);
  EXPECT_EQ(stored.reason, FailureClass::kPermanent);
  EXPECT_EQ(stored.code, 40002);
  EXPECT_EQ(stored.http_status, 200);
  EXPECT_EQ(stored.message, "Invalid metric");
  EXPECT_EQ(stored.request_id, "2026A");
  EXPECT_EQ(stored.exchange, "GET /x\n\n{}");
  EXPECT_EQ(stored.died, At(0));
}

TEST_P(RecordContract, DeadLetterOfTheSameChunkIsReplaced) {
  const ChunkId id = Insert({MakeChunk("run-1", "7001", Days(1, 1))})[0].id;
  for (const std::string message : {"first", "second"}) {
    DeadLetter letter;
    letter.chunk = id;
    letter.message = message;
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutDeadLetter(letter); }));
  }
  EXPECT_EQ(Get([](StoreReader& r) { return r.CountDeadLetters(); }), 1u);
  EXPECT_EQ(Get([](StoreReader& r) { return r.ListDeadLetters({}, 0, 0); }).at(0).message, "second");
}

TEST_P(RecordContract, PausesAreListedOldestFirst) {
  const auto put = [&](const std::string& scope, const std::string& name, bool automatic, absl::Time since) {
    const Pause pause{.scope = scope, .name = name, .reason = "why", .automatic = automatic, .since = since};
    return Write([&](StoreTransaction& tx) { return tx.PutPause(pause); });
  };
  ASSERT_OK(put("run", "run-1", false, At(5)));
  ASSERT_OK(put("connection", "main", true, At(1)));
  ASSERT_OK(put("all", "", false, At(9)));
  ASSERT_OK(put("all", "", false, At(10)));
  std::vector<Pause> pauses = Get([](StoreReader& r) { return r.ListPauses(); });
  ASSERT_EQ(pauses.size(), 3u);
  EXPECT_EQ(pauses[0].scope, "connection");
  EXPECT_EQ(pauses[0].name, "main");
  EXPECT_TRUE(pauses[0].automatic);
  EXPECT_EQ(pauses[0].reason, "why");
  EXPECT_EQ(pauses[1].scope, "run");
  EXPECT_FALSE(pauses[1].automatic);
  EXPECT_EQ(pauses[2].since, At(10));
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.RemovePause("connection", "main"); }));
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.RemovePause("connection", "never there"); }));
  EXPECT_EQ(Get([](StoreReader& r) { return r.ListPauses(); }).size(), 2u);
}

TEST_P(RecordContract, AccessIsListedByAdvertiserAndEndpoint) {
  const auto put = [&](const std::string& advertiser, const std::string& endpoint, AccessState state,
                       absl::Time retry) {
    const Access access{.advertiser = advertiser,
                        .endpoint = endpoint,
                        .state = state,
                        .code = 40001,
                        .message = "no role",
                        .since = At(0),
                        .checked = At(5),
                        .retry_at = retry,
                        .refusals = 3};
    return Write([&](StoreTransaction& tx) { return tx.PutAccess(access); });
  };
  ASSERT_OK(put("2", "ad/get/", AccessState::kOpen, absl::InfinitePast()));
  ASSERT_OK(put("1", "b/get/", AccessState::kUnknown, absl::InfinitePast()));
  ASSERT_OK(put("1", "ad/get/", AccessState::kNoGrant, At(10)));
  ASSERT_OK(put("1", "ad/get/", AccessState::kAccountDead, At(20)));
  const std::vector<Access> all = Get([](StoreReader& r) { return r.ListAccess(true); });
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].advertiser, "1");
  EXPECT_EQ(all[0].endpoint, "ad/get/");
  EXPECT_EQ(all[0].state, AccessState::kAccountDead);
  EXPECT_EQ(all[0].code, 40001);
  EXPECT_EQ(all[0].message, "no role");
  EXPECT_EQ(all[0].since, At(0));
  EXPECT_EQ(all[0].checked, At(5));
  EXPECT_EQ(all[0].retry_at, At(20));
  EXPECT_EQ(all[0].refusals, 3);
  EXPECT_EQ(all[1].endpoint, "b/get/");
  EXPECT_EQ(all[1].retry_at, absl::InfinitePast());
  EXPECT_EQ(all[2].state, AccessState::kOpen);
  EXPECT_EQ(Get([](StoreReader& r) { return r.ListAccess(false); }).size(), 2u);
  const auto one = [&](const std::string& endpoint, const std::string& advertiser) {
    return Get([&](StoreReader& r) { return r.GetAccess(endpoint, advertiser); });
  };
  ASSERT_TRUE(one("ad/get/", "1").has_value());
  EXPECT_EQ(one("ad/get/", "1")->refusals, 3);
  EXPECT_FALSE(one("b/get/", "2").has_value());
}

TEST_P(RecordContract, DriftAddsUp) {
  EXPECT_THAT(Get([](StoreReader& r) { return r.ListDrift(); }), IsEmpty());
  const auto add = [&](const std::string& kind, const std::string& name, uint64_t count, absl::Time seen) {
    const Drift drift{
        .extract = "ads_daily", .kind = kind, .name = name, .count = count, .first_seen = seen, .last_seen = seen};
    return Write([&](StoreTransaction& tx) { return tx.AddDrift(drift); });
  };
  ASSERT_OK(add("unknown field", "new_metric", 3, At(10)));
  ASSERT_OK(add("unknown field", "new_metric", 4, At(20)));
  ASSERT_OK(add("unknown field", "new_metric", 1, At(5)));
  ASSERT_OK(add("unparsed value", "clicks", 1, At(1)));
  const std::vector<Drift> drift = Get([](StoreReader& r) { return r.ListDrift(); });
  ASSERT_EQ(drift.size(), 2u);
  EXPECT_EQ(drift[0].name, "clicks");
  EXPECT_EQ(drift[0].kind, "unparsed value");
  EXPECT_EQ(drift[1].name, "new_metric");
  EXPECT_EQ(drift[1].count, 8u);
  EXPECT_EQ(drift[1].first_seen, At(5));
  EXPECT_EQ(drift[1].last_seen, At(20));
}

TEST_P(RecordContract, QuotaUsedIsTheLastRecord) {
  const auto get = [&](const std::string& app) { return Get([&](StoreReader& r) { return r.GetQuotaUsed(app); }); };
  EXPECT_EQ(get("app").calls, 0u);
  EXPECT_EQ(get("app").recorded, absl::InfinitePast());
  const auto put = [&](absl::CivilDay day, uint64_t calls, absl::Time recorded) {
    const QuotaUsed used{.utc_day = day, .calls = calls, .last_minute = calls / 10, .recorded = recorded};
    return Write([&](StoreTransaction& tx) { return tx.PutQuotaUsed("app", used); });
  };
  ASSERT_OK(put(Day(1), 1000, At(0)));
  ASSERT_OK(put(Day(1), 2000, At(10) + absl::Microseconds(5)));
  EXPECT_EQ(get("app").utc_day, Day(1));
  EXPECT_EQ(get("app").calls, 2000u);
  EXPECT_EQ(get("app").last_minute, 200u);
  EXPECT_EQ(get("app").recorded, At(10) + absl::Microseconds(5));
  ASSERT_OK(put(Day(2), 5, At(20)));
  EXPECT_EQ(get("app").utc_day, Day(2));
  EXPECT_EQ(get("app").calls, 5u);
  EXPECT_EQ(get("other").calls, 0u);
}

TEST_P(RecordContract, SliceIdsAreKeptByExtractAndAdvertiser) {
  const auto get = [&](const std::string& extract, const std::string& advertiser) {
    return Get([&](StoreReader& r) { return r.GetSliceIds(extract, advertiser); });
  };
  const auto put = [&](const std::string& extract, const std::string& advertiser, uint32_t ids) {
    return Write([&](StoreTransaction& tx) { return tx.PutSliceIds(extract, advertiser, ids); });
  };
  EXPECT_EQ(get("a", "1"), 0u);
  ASSERT_OK(put("a", "1", 100));
  ASSERT_OK(put("a", "2", 25));
  ASSERT_OK(put("a", "1", 50));
  EXPECT_EQ(get("a", "1"), 50u);
  EXPECT_EQ(get("a", "2"), 25u);
  EXPECT_EQ(get("b", "1"), 0u);
}

TEST_P(RecordContract, AnswersAreKeptUntilTheyAreForgotten) {
  const auto get = [&](const std::string& key) { return Get([&](StoreReader& r) { return r.GetAnswer(key); }); };
  const auto put = [&](const std::string& key, const std::string& answer, absl::Time kept) {
    return Write([&](StoreTransaction& tx) {
      return tx.PutAnswer({.key = key, .call = "BackfillRequest", .request = "12ab", .answer = answer, .kept = kept});
    });
  };
  EXPECT_FALSE(get("monday").has_value());
  ASSERT_OK(put("monday", R"({"notes": ["a 'note'"]})", At(0)));
  ASSERT_OK(put("tuesday", "{}", At(100)));
  ASSERT_TRUE(get("monday").has_value());
  EXPECT_EQ(get("monday")->key, "monday");
  EXPECT_EQ(get("monday")->call, "BackfillRequest");
  EXPECT_EQ(get("monday")->request, "12ab");
  EXPECT_EQ(get("monday")->answer, R"({"notes": ["a 'note'"]})");
  EXPECT_EQ(get("monday")->kept, At(0));
  EXPECT_FALSE(get("Monday").has_value());
  ASSERT_OK(Write([](StoreTransaction& tx) { return tx.ForgetAnswers(At(100)); }));
  EXPECT_FALSE(get("monday").has_value());
  EXPECT_TRUE(get("tuesday").has_value()) << "it was kept at that moment, not before";
  ASSERT_OK(put("monday", "again", At(200)));
  EXPECT_EQ(get("monday")->answer, "again");
}

TEST_P(RecordContract, AnAnswerIsGoneWithItsTransaction) {
  const absl::Status status = Write([](StoreTransaction& tx) -> absl::Status {
    EXPECT_TRUE(tx.PutAnswer({.key = "k", .call = "c", .request = "r", .answer = "{}", .kept = At(0)}).ok());
    return absl::CancelledError("no");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(Get([](StoreReader& r) { return r.GetAnswer("k"); }).has_value());
}

TEST_P(RecordContract, RoadsAreKeptByExtractAndAdvertiserForOneVersion) {
  const auto get = [&](const std::string& extract, const std::string& advertiser, int version) {
    return Get([&](StoreReader& r) { return r.GetRoad(extract, advertiser, version); });
  };
  const auto put = [&](const std::string& advertiser, int version, Road road) {
    return Write([&](StoreTransaction& tx) { return tx.PutRoad("a", advertiser, version, road); });
  };
  EXPECT_EQ(get("a", "1", 1), std::nullopt);
  ASSERT_OK(put("1", 1, Road::kTask));
  ASSERT_OK(put("2", 1, Road::kPages));
  EXPECT_EQ(get("a", "1", 1), Road::kTask);
  EXPECT_EQ(get("a", "2", 1), Road::kPages);
  EXPECT_EQ(get("b", "1", 1), std::nullopt);
  EXPECT_EQ(get("a", "1", 2), std::nullopt) << "another version is another question";
  ASSERT_OK(put("1", 2, Road::kPages));
  EXPECT_EQ(get("a", "1", 2), Road::kPages);
}

}  // namespace
}  // namespace tikhaul
