#include "tests/support/wanted.h"

#include <sqlite3.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil.h"
#include "common/catalog/catalog.h"

namespace tikhaul {
namespace {

constexpr absl::CivilDay kToday(2026, 6, 15);

std::string DaysBack(int days) { return FormatDay(kToday - (days - 1)); }

bool IsEntity(const Wanted& wanted) {
  const StreamSpec* stream = FindStream(wanted.stream);
  return stream != nullptr && stream->kind == StreamKind::kEntity;
}

}  // namespace

std::string YamlOf(const std::vector<Wanted>& list) {
  std::string yaml;
  for (const Wanted& wanted : list) {
    absl::StrAppend(&yaml, "  - {name: ", wanted.name, ", stream: ", wanted.stream);
    if (!wanted.level.empty()) absl::StrAppend(&yaml, ", level: ", wanted.level);
    if (!wanted.dimensions.empty())
      absl::StrAppend(&yaml, ", dimensions: [", absl::StrJoin(wanted.dimensions, ", "), "]");
    if (!wanted.metrics.empty()) absl::StrAppend(&yaml, ", metrics: [", absl::StrJoin(wanted.metrics, ", "), "]");
    if (!wanted.include_deleted) absl::StrAppend(&yaml, ", include_deleted: false");
    if (!wanted.settings.empty()) absl::StrAppend(&yaml, ", ", wanted.settings);
    absl::StrAppend(&yaml, "}\n");
  }
  return yaml;
}

void SortMembers(const std::string& path) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  const auto sort = [](sqlite3_context* context, int, sqlite3_value** values) {
    const std::string text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    const std::string sorted = json.is_discarded() ? text : json.dump();
    sqlite3_result_text(context, sorted.c_str(), -1, SQLITE_TRANSIENT);
  };
  sqlite3_create_function(db, "sorted", 1, SQLITE_UTF8, nullptr, sort, nullptr, nullptr);
  for (const auto& row :
       QueryFile(path,
                 "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE "
                 "m.type = 'table' AND m.name NOT LIKE 'tikhaul_%' AND c.type = 'TEXT'")) {
    const std::string sql = absl::StrCat("UPDATE \"", row[0], "\" SET \"", row[1], "\" = sorted(\"", row[1],
                                         "\") WHERE substr(\"", row[1], "\", 1, 1) IN ('{', '[')");
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  }
  sqlite3_close(db);
}

std::string TruthSpecOf(const std::vector<Wanted>& list, const std::vector<std::string>& advertisers) {
  nlohmann::json extracts = nlohmann::json::array();
  for (const Wanted& wanted : list) {
    nlohmann::json extract = {{"table", wanted.name}, {"stream", wanted.stream}};
    if (!wanted.level.empty()) extract["level"] = wanted.level;
    if (!wanted.dimensions.empty()) extract["dimensions"] = wanted.dimensions;
    if (!wanted.metrics.empty()) extract["metrics"] = wanted.metrics;
    if (!wanted.first_day.empty()) extract["first_day"] = wanted.first_day;
    if (!wanted.last_day.empty()) extract["last_day"] = wanted.last_day;
    if (!advertisers.empty()) extract["advertisers"] = advertisers;
    extract["include_deleted"] = wanted.include_deleted;
    extracts.push_back(std::move(extract));
  }
  return nlohmann::json{{"extracts", extracts}}.dump();
}

namespace {

std::vector<TableComparison> Comparisons(TestCluster& cluster, const std::vector<Wanted>& list,
                                         const std::string& store) {
  const std::string truth = cluster.ExportTruth(TruthSpecOf(list));
  if (!cluster.options().postgres.empty()) {
    SortMembers(truth);
    SortMembers(store);
  }
  std::vector<TableComparison> comparisons;
  for (const Wanted& wanted : list) {
    comparisons.push_back(
        {.store = store, .truth = truth, .table = wanted.name, .where = IsEntity(wanted) ? "_gone_at IS NULL" : "1"});
  }
  return comparisons;
}

}  // namespace

void ExpectEqualsTruth(TestCluster& cluster, const std::vector<Wanted>& list) {
  for (const TableComparison& comparison : Comparisons(cluster, list, cluster.StoreFile()))
    EXPECT_TRUE(EqualsTruth(comparison));
}

RowTally TallyAgainstTruth(TestCluster& cluster, const std::vector<Wanted>& list, const std::string& store) {
  RowTally all;
  for (const TableComparison& comparison : Comparisons(cluster, list, store)) {
    const RowTally table = TallyAgainstTruth(comparison);
    all.rows += table.rows;
    all.lost += table.lost;
    all.doubled += table.doubled;
    all.unexpected += table.unexpected;
  }
  return all;
}

std::vector<Wanted> SixExtracts() {
  return {
      {.name = "ads_daily",
       .stream = "basic_report",
       .level = "ad",
       .dimensions = {"stat_time_day"},
       .metrics = {"spend", "impressions", "clicks", "ctr", "cpc", "cpm", "conversion", "cost_per_conversion", "reach",
                   "frequency", "video_play_actions", "likes"},
       .first_day = DaysBack(730)},
      {.name = "ads_audience",
       .stream = "audience_report",
       .level = "ad",
       .dimensions = {"stat_time_day", "gender", "age"},
       .metrics = {"spend", "impressions", "clicks", "conversion"},
       .settings = "backfill: 180",
       .first_day = DaysBack(180)},
      {.name = "interest_categories", .stream = "interest_categories"},
      {.name = "adverts", .stream = "adverts"},
      {.name = "ad_groups", .stream = "ad_groups"},
      {.name = "campaigns", .stream = "campaigns"},
  };
}

Wanted HoursOf(int days) {
  return {.name = "ads_hourly",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_hour"},
          .metrics = {"spend", "impressions", "clicks"},
          .settings = absl::StrCat("backfill: ", days),
          .first_day = DaysBack(days)};
}

}  // namespace tikhaul
