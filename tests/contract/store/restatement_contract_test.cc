// What a read changes of days that were read before, and how that is kept.
#include "tests/contract/store/settle_fixture.h"

namespace tikhaul {
namespace {

using testing::ElementsAre;
using testing::FieldsAre;
using testing::IsEmpty;
using testing::SizeIs;

RestatedMetric Metric(const std::string& name, uint64_t rows, uint64_t filled,
                      std::optional<RestatedSums> sums = std::nullopt) {
  return {.metric = name, .rows = rows, .filled = filled, .sums = std::move(sums)};
}

class RestatementContract : public SettleFixture {
 protected:
  // Settles rows of DailyTable (stat_time_day, ad_id, clicks, spend, ad_name) with `read_before`.
  std::vector<DayChange> Changes(const std::vector<std::vector<std::string>>& rows,
                                 const std::vector<Coverage>& read_before, WriteMode mode = WriteMode::kMerge) {
    TableSchema table = DailyTable(mode);
    table.columns.push_back({"_raw", ColumnType::kJson, false});
    std::vector<std::vector<std::string>> cells = rows;
    for (std::vector<std::string>& row : cells) {
      if (row.size() == 5) row.emplace_back("NULL");
    }
    TextRowSource source(table, {"stat_time_day", "ad_id", "clicks", "spend", "ad_name", "_raw"}, cells);
    SettleRequest request = RequestFor(table, "stat_time_day", {.run = absl::StrCat("run-", ++runs_)});
    request.read_before = read_before;
    absl::StatusOr<SettleCounts> counts = Settle(request, source);
    EXPECT_OK(counts.status());
    return counts.ok() ? std::move(counts->changes) : std::vector<DayChange>{};
  }

  int runs_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, RestatementContract, testing::ValuesIn(AllStores()), StoreName);

const std::vector<Coverage> kMarch = {{Day(1), Day(31)}};

TEST_P(RestatementContract, AFirstReadChangesNothing) {
  EXPECT_THAT(Changes({{"2026-03-01", "a", "5", "1.50", "A"}}, {}), IsEmpty());
}

TEST_P(RestatementContract, AnEqualReadChangesNothing) {
  Changes({{"2026-03-01", "a", "5", "1.50", "A"}}, {});
  EXPECT_THAT(Changes({{"2026-03-01", "a", "5", "1.5000", "A"}}, kMarch), IsEmpty());
}

TEST_P(RestatementContract, SumsOfChangedRowsAreExact) {
  Changes({{"2026-03-01", "a", "5", "0.10", "A"},
           {"2026-03-01", "b", "7", "0.20", "B"},
           {"2026-03-01", "c", "9", "3.00", "C"},
           {"2026-03-02", "a", "1", "1.00", "A"}},
          {});
  EXPECT_THAT(Changes({{"2026-03-01", "a", "6", "0.10", "A"},
                       {"2026-03-01", "b", "4", "0.30", "B2"},
                       {"2026-03-01", "c", "9", "3.00", "C"},
                       {"2026-03-02", "a", "1", "1.00", "A"}},
                      kMarch),
              ElementsAre(DayChange{
                  .day = Day(1),
                  .updated = 2,
                  .metrics = {Metric("ad_name", 1, 0), Metric("clicks", 2, 0, RestatedSums{"12", "10", "-2", "4"}),
                              Metric("spend", 1, 0, RestatedSums{"0.2", "0.3", "0.1", "0.1"})}}));
}

TEST_P(RestatementContract, RowsThatComeAndGoCount) {
  Changes({{"2026-03-01", "a", "5", "1.25", "A"}, {"2026-03-02", "a", "6", "2", "A"}}, {});
  EXPECT_THAT(
      Changes({{"2026-03-02", "a", "6", "2", "A"}, {"2026-03-02", "n", "3", "0.5", "N"}}, kMarch),
      ElementsAre(
          DayChange{.day = Day(1),
                    .removed = 1,
                    .metrics = {Metric("ad_name", 1, 0), Metric("clicks", 1, 0, RestatedSums{"5", "0", "-5", "5"}),
                                Metric("spend", 1, 0, RestatedSums{"1.25", "0", "-1.25", "1.25"})}},
          DayChange{.day = Day(2),
                    .inserted = 1,
                    .metrics = {Metric("ad_name", 1, 0), Metric("clicks", 1, 0, RestatedSums{"0", "3", "3", "3"}),
                                Metric("spend", 1, 0, RestatedSums{"0", "0.5", "0.5", "0.5"})}}));
}

TEST_P(RestatementContract, DaysThatWereNotReadBeforeDoNotCount) {
  Changes({{"2026-03-01", "a", "5", "1", "A"}}, {});
  EXPECT_THAT(Changes({{"2026-03-01", "a", "6", "1", "A"}, {"2026-03-02", "a", "6", "1", "A"}}, {{Day(2), Day(5)}}),
              ElementsAre(DayChange{
                  .day = Day(2),
                  .inserted = 1,
                  .metrics = {Metric("ad_name", 1, 0), Metric("clicks", 1, 0, RestatedSums{"0", "6", "6", "6"}),
                              Metric("spend", 1, 0, RestatedSums{"0", "1", "1", "1"})}}));
}

TEST_P(RestatementContract, AValueWhereThereWasNoneIsFilled) {
  Changes({{"2026-03-01", "a", "5", "NULL", "A"}, {"2026-03-01", "b", "5", "2", "B"}}, {});
  EXPECT_THAT(
      Changes({{"2026-03-01", "a", "5", "1.5", "A"}, {"2026-03-01", "b", "5", "NULL", "B"}}, kMarch),
      ElementsAre(DayChange{
          .day = Day(1), .updated = 2, .metrics = {Metric("spend", 2, 1, RestatedSums{"2", "1.5", "-0.5", "3.5"})}}));
}

TEST_P(RestatementContract, MoreDigitsThanADoubleHoldsAreComparedExactly) {
  Changes({{"2026-03-01", "a", "5", "9007199254740993.02", "A", R"({"spend":"9007199254740993.02"})"}}, {});
  EXPECT_THAT(
      Changes({{"2026-03-01", "a", "5", "9007199254740993.03", "A", R"({"spend":"9007199254740993.03"})"}}, kMarch),
      ElementsAre(
          DayChange{.day = Day(1),
                    .updated = 1,
                    .metrics = {Metric("spend", 1, 0,
                                       RestatedSums{"9007199254740993.02", "9007199254740993.03", "0.01", "0.01"})}}));
}

TEST_P(RestatementContract, WhenARowWasReadIsNoChange) {
  SettleDaily({{1, "a", "5", "1", "x"}}, {.finality = "settling"});
  const TableSchema table = DailyTable();
  TextRowSource rows(table, {"stat_time_day", "ad_id", "clicks", "spend", "ad_name"},
                     {{"2026-03-01", "a", "5", "1", "x"}});
  SettleRequest request = RequestFor(table, "stat_time_day", {.run = "run-2"});
  request.constants.push_back(TextConstant("_finality", "final"));
  request.read_before = kMarch;
  const absl::StatusOr<SettleCounts> counts = Settle(request, rows);
  ASSERT_OK(counts.status());
  EXPECT_EQ(*counts, (SettleCounts{.rows = 1, .distinct_keys = 1, .updated = 1}));
}

TEST_P(RestatementContract, AppendedRowsReplaceNothing) {
  Changes({{"2026-03-01", "a", "5", "1", "A"}}, {}, WriteMode::kAppend);
  EXPECT_THAT(Changes({{"2026-03-01", "a", "6", "1", "A"}}, kMarch, WriteMode::kAppend), IsEmpty());
}

TEST_P(RestatementContract, HoursBelongToTheirDay) {
  TableSchema table = DailyTable();
  table.columns[0] = {"stat_time_hour", ColumnType::kLocalHour, true};
  const auto settle = [&](const std::string& clicks, std::vector<Coverage> read_before) {
    TextRowSource rows(table, {"stat_time_hour", "ad_id", "clicks"},
                       {{"2026-03-01 23:00:00", "a", clicks}, {"2026-03-02 00:00:00", "a", clicks}});
    SettleRequest request = RequestFor(table, "stat_time_hour", {});
    request.read_before = std::move(read_before);
    return Settle(request, rows).value_or(SettleCounts{}).changes;
  };
  EXPECT_THAT(settle("1", {}), IsEmpty());
  const std::vector<DayChange> changes = settle("3", {{Day(1), Day(1)}});
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].day, Day(1));
  EXPECT_THAT(changes[0].metrics, ElementsAre(Metric("clicks", 1, 0, RestatedSums{"1", "3", "2", "2"})));
}

TEST_P(RestatementContract, FinalityIsSetForTheScopeAlone) {
  SettleDaily({{1, "a", "5", "1", "x"}, {2, "a", "5", "1", "x"}}, {.finality = "final"});
  ASSERT_OK(Write([](StoreTransaction& tx) {
    return tx.SetFinality(DailyTable(),
                          {.advertiser = "7001", .day_column = "stat_time_day", .first = Day(2), .last = Day(2)},
                          Finality::kSettling);
  }));
  EXPECT_THAT(harness().Query("SELECT substr(stat_time_day, 9), _finality FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("01", "final"), ElementsAre("02", "settling")));
}

// --- What is kept ---

Restatement MakeRestatement(int day, int age, int64_t settled, std::vector<RestatedMetric> metrics) {
  return {.extract = "ads_daily",
          .advertiser = "7001",
          .run_id = "in-1",
          .chunk = 17,
          .epoch = 2,
          .settled = At(settled),
          .age_days = age,
          .finality_before = Finality::kSettling,
          .change = {.day = Day(day), .inserted = 1, .updated = 2, .removed = 3, .metrics = std::move(metrics)}};
}

RestatedMetric Moved(const std::string& metric, const std::string& moved) {
  return Metric(metric, 4, 1, RestatedSums{"1", "2", "1", moved});
}

class RestatementListContract : public StoreContract {
 protected:
  void Add(const std::vector<Restatement>& restatements) {
    ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
      for (const Restatement& one : restatements) RETURN_IF_ERROR(tx.AddRestatement(one));
      return absl::OkStatus();
    }));
  }
  std::vector<Restatement> List(const RestatementFilter& filter, size_t offset = 0, size_t limit = 0) {
    return Get([&](StoreReader& r) { return r.ListRestatements(filter, offset, limit); });
  }
  static std::vector<int> DaysOf(const std::vector<Restatement>& restatements) {
    std::vector<int> days;
    for (const Restatement& one : restatements) days.push_back(one.change.day.day());
    return days;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, RestatementListContract, testing::ValuesIn(AllStores()), StoreName);

TEST_P(RestatementListContract, GivesBackWhatWasAdded) {
  const Restatement added = MakeRestatement(5, 3, 100, {Metric("ad_name", 2, 0), Moved("spend", "1.5")});
  Add({added});
  const std::vector<Restatement> all = List({});
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].extract, "ads_daily");
  EXPECT_EQ(all[0].advertiser, "7001");
  EXPECT_EQ(all[0].run_id, "in-1");
  EXPECT_EQ(all[0].chunk, 17);
  EXPECT_EQ(all[0].epoch, 2u);
  EXPECT_EQ(all[0].settled, At(100));
  EXPECT_EQ(all[0].age_days, 3);
  EXPECT_EQ(all[0].finality_before, Finality::kSettling);
  EXPECT_EQ(all[0].change, added.change);
}

TEST_P(RestatementListContract, NewestDayComesFirstAndFiltersNarrow) {
  Restatement other = MakeRestatement(9, 1, 100, {});
  other.advertiser = "7002";
  Add({MakeRestatement(5, 3, 100, {}), MakeRestatement(7, 1, 100, {}), MakeRestatement(5, 4, 200, {}), other});
  EXPECT_THAT(DaysOf(List({})), ElementsAre(9, 7, 5, 5));
  EXPECT_EQ(List({.extract = {}, .advertiser = "7001"})[1].settled, At(200)) << "the newest of a day comes first";
  EXPECT_THAT(DaysOf(List({.extract = {}, .advertiser = "7002"})), ElementsAre(9));
  EXPECT_THAT(DaysOf(List({.extract = "other", .advertiser = {}})), IsEmpty());
  EXPECT_THAT(DaysOf(List({.extract = {}, .advertiser = {}, .first_day = Day(6), .last_day = Day(8)})), ElementsAre(7));
  EXPECT_THAT(DaysOf(List({.extract = {}, .advertiser = {}, .least_age_days = 4})), ElementsAre(5));
  EXPECT_THAT(DaysOf(List({}, 1, 2)), ElementsAre(7, 5));
}

TEST_P(RestatementListContract, MovementIsByAgeAndMetric) {
  Restatement provisional = MakeRestatement(8, 1, 300, {Moved("spend", "100")});
  provisional.finality_before = Finality::kProvisional;
  Restatement other = MakeRestatement(8, 1, 300, {Moved("spend", "100")});
  other.advertiser = "7002";
  Add({MakeRestatement(5, 3, 100, {Moved("spend", "50")}),  // too old
       MakeRestatement(5, 4, 200, {Moved("spend", "1.5"), Metric("ad_name", 2, 0)}),
       MakeRestatement(6, 4, 300, {Moved("spend", "2.25"), Moved("clicks", "3")}),
       MakeRestatement(7, 3, 300, {Metric("reach", 2, 2, RestatedSums{"0", "2", "2", "2"})}), provisional, other});
  const std::vector<Movement> movement =
      Get([](StoreReader& r) { return r.ListMovement("ads_daily", "7001", At(200)); });
  EXPECT_THAT(movement, ElementsAre(FieldsAre(4, "clicks", 1u, 3.0), FieldsAre(4, "spend", 2u, 3.75)));
}

TEST_P(RestatementListContract, OldOnesAreForgottenWithTheirMetrics) {
  Restatement other = MakeRestatement(1, 3, 100, {Moved("spend", "1")});
  other.extract = "other";
  Add({MakeRestatement(5, 3, 100, {Moved("spend", "1")}), MakeRestatement(6, 3, 200, {Moved("spend", "1")}), other});
  ASSERT_OK(Write([](StoreTransaction& tx) { return tx.ForgetRestatements("ads_daily", "7001", At(200)); }));
  EXPECT_THAT(DaysOf(List({})), ElementsAre(6, 1));
  EXPECT_THAT(List({})[0].change.metrics, SizeIs(1));
}

}  // namespace
}  // namespace tikhaul
