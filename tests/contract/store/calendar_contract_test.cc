// What calendars are painted of.
#include "common/model/names.h"
#include "tests/contract/store/store_fixture.h"

namespace tikhaul {

void PrintTo(const OpenDays& open, std::ostream* out) {
  *out << open.advertiser << " " << open.days.first << ".." << open.days.last << " " << Name(open.state) << " "
       << open.died;
}
void PrintTo(const ReadDays& read, std::ostream* out) {
  *out << read.advertiser << " " << read.days.first << ".." << read.days.last << " " << read.committed
       << (read.by_probe ? " by probe" : "");
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Coverage Span(int first, int last) { return {Day(first), Day(last)}; }

class CalendarContract : public StoreContract {
 protected:
  static CalendarPart All() { return {.extract = "ads_daily"}; }
  static CalendarPart DaysOnly(int first, int last) {
    return {.extract = "ads_daily", .first = Day(first), .last = Day(last)};
  }
  static CalendarPart Advertisers(const std::string& first, const std::string& last) {
    return {.extract = "ads_daily", .first_advertiser = first, .last_advertiser = last};
  }
  void Cover(const std::string& extract, const std::string& advertiser, const std::vector<Coverage>& days) {
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutCoverage(extract, advertiser, days); }));
  }
  void AddRead(const std::string& advertiser, Window window, int committed, bool by_probe = false,
               const std::string& only_metrics = "") {
    LedgerEntry entry;
    entry.run_id = "run-1";
    entry.extract = "ads_daily";
    entry.advertiser = advertiser;
    entry.window = window;
    entry.committed = At(committed);
    entry.by_probe = by_probe;
    entry.only_metrics = only_metrics;
    ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.AddLedger(entry); }));
  }
  std::vector<CoveredDays> Covered(const CalendarPart& part) {
    return Get([&](StoreReader& r) { return r.ListCoveredDays(part); });
  }
  std::vector<ReadDays> Reads(const CalendarPart& part) {
    return Get([&](StoreReader& r) { return r.ListReadDays(part); });
  }
  std::vector<OpenDays> Open(const CalendarPart& part) {
    return Get([&](StoreReader& r) { return r.ListOpenDays(part); });
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, CalendarContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(CalendarContract, CoveredDaysOfAllAdvertisersComeInOrder) {
  Cover("ads_daily", "7002", {Span(5, 9)});
  Cover("ads_daily", "7001", {Span(1, 3), Span(6, 8)});
  Cover("other", "7001", {Span(1, 31)});
  EXPECT_THAT(Covered(All()), ElementsAre(CoveredDays{"7001", Span(1, 3)}, CoveredDays{"7001", Span(6, 8)},
                                          CoveredDays{"7002", Span(5, 9)}));
  EXPECT_THAT(Covered({.extract = "nothing"}), IsEmpty());
}

TEST_P(CalendarContract, PartsAreCutByDaysAndAdvertisers) {
  for (const char* advertiser : {"7001", "7002", "7003"}) Cover("ads_daily", advertiser, {Span(1, 3), Span(6, 8)});
  EXPECT_THAT(Covered(DaysOnly(3, 3)), ElementsAre(CoveredDays{"7001", Span(1, 3)}, CoveredDays{"7002", Span(1, 3)},
                                                   CoveredDays{"7003", Span(1, 3)}));
  EXPECT_THAT(Covered(DaysOnly(4, 5)), IsEmpty());
  EXPECT_THAT(Covered(DaysOnly(8, 20)).size(), 3u);
  EXPECT_THAT(Covered(Advertisers("7002", "7002")),
              ElementsAre(CoveredDays{"7002", Span(1, 3)}, CoveredDays{"7002", Span(6, 8)}));
  EXPECT_EQ(Covered(Advertisers("7002", "")).size(), 4u);
}

TEST_P(CalendarContract, AReadKnowsWhenItBegan) {
  LedgerEntry entry;
  entry.run_id = "run-1";
  entry.extract = "ads_daily";
  entry.advertiser = "7001";
  entry.window = Days(1, 2);
  entry.claimed = At(-3600);
  entry.committed = At(0);
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.AddLedger(entry); }));
  ASSERT_EQ(Reads(All()).size(), 1u);
  EXPECT_EQ(Reads(All())[0].claimed, At(-3600));
}

TEST_P(CalendarContract, ReadsAreTheProofOfWholeRowsNewestFirst) {
  AddRead("7001", Days(1, 10), 100);
  AddRead("7001", Days(11, 20), 50);
  AddRead("7001", Days(1, 10), 200, /*by_probe=*/true);
  AddRead("7001", Days(1, 10), 300, /*by_probe=*/false, "clicks");
  AddRead("7001", Window{}, 400);
  AddRead("7000", Days(1, 2), 10);
  EXPECT_THAT(Reads(All()),
              ElementsAre(ReadDays{"7000", Span(1, 2), At(10), false}, ReadDays{"7001", Span(11, 20), At(50), false},
                          ReadDays{"7001", Span(1, 10), At(200), true}, ReadDays{"7001", Span(1, 10), At(100), false}));
  EXPECT_THAT(Reads(DaysOnly(11, 11)), ElementsAre(ReadDays{"7001", Span(11, 20), At(50), false}));
  EXPECT_THAT(Reads(Advertisers("", "7000")), ElementsAre(ReadDays{"7000", Span(1, 2), At(10), false}));
}

TEST_P(CalendarContract, OpenDaysAreThoseOfReadyRunningAndDeadChunks) {
  std::vector<Chunk> chunks;
  for (int i = 0; i < 6; ++i) chunks.push_back(MakeChunk("run-1", "7001", Days(1 + i, 1 + i)));
  chunks.push_back(MakeChunk("run-1", "7000", Days(3, 4)));
  chunks.push_back(MakeChunk("run-1", "7000", Window{}));
  chunks = Insert(chunks);
  const auto become = [&](size_t chunk, ChunkState state) {
    chunks[chunk].state = state;
    Update(chunks[chunk]);
  };
  become(1, ChunkState::kRunning);
  become(2, ChunkState::kDone);
  become(3, ChunkState::kSplit);
  become(4, ChunkState::kCancelled);
  become(5, ChunkState::kDead);
  DeadLetter letter;
  letter.chunk = chunks[5].id;
  letter.died = At(7);
  ASSERT_OK(Write([&](StoreTransaction& tx) { return tx.PutDeadLetter(letter); }));

  EXPECT_THAT(Open(All()), ElementsAre(OpenDays{"7000", Span(3, 4), ChunkState::kReady},
                                       OpenDays{"7001", Span(1, 1), ChunkState::kReady},
                                       OpenDays{"7001", Span(2, 2), ChunkState::kRunning},
                                       OpenDays{"7001", Span(6, 6), ChunkState::kDead, At(7)}));
  EXPECT_THAT(Open(DaysOnly(4, 6)), ElementsAre(OpenDays{"7000", Span(3, 4), ChunkState::kReady},
                                                OpenDays{"7001", Span(6, 6), ChunkState::kDead, At(7)}));
  EXPECT_THAT(Open(Advertisers("7001", "")).size(), 3u);
  EXPECT_THAT(Open({.extract = "other"}), IsEmpty());
}

}  // namespace
}  // namespace tikhaul
