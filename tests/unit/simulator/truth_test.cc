// The truth equals what the paged answers say, value for value.
#include "simulator/truth.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "absl/strings/str_cat.h"
#include "simulator/entity_fields.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

using Row = std::map<std::string, std::string>;

// Reads whole tables; every value with its SQLite type before it, "null" for NULL.
class TruthFile {
 public:
  TruthFile() : path_(absl::StrCat(::testing::TempDir(), "/truth-", getpid(), ".db")) {}
  ~TruthFile() {
    sqlite3_close(db_);
    std::remove(path_.c_str());
  }
  const std::string& path() const { return path_; }

  std::multiset<Row> Read(const std::string& table) {
    if (db_ == nullptr) {
      EXPECT_EQ(sqlite3_open(path_.c_str(), &db_), SQLITE_OK);
    }
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, absl::StrCat("SELECT * FROM ", table).c_str(), -1, &statement, nullptr),
              SQLITE_OK);
    std::multiset<Row> rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      Row row;
      for (int i = 0; i < sqlite3_column_count(statement); ++i)
        row[sqlite3_column_name(statement, i)] = Value(statement, i);
      rows.insert(row);
    }
    sqlite3_finalize(statement);
    return rows;
  }

 private:
  static std::string Value(sqlite3_stmt* statement, int i) {
    switch (sqlite3_column_type(statement, i)) {
      case SQLITE_NULL:
        return "null";
      case SQLITE_INTEGER:
        return absl::StrCat("i", sqlite3_column_int64(statement, i));
      case SQLITE_FLOAT:
        return absl::StrCat("r", nlohmann::json(sqlite3_column_double(statement, i)).dump());
      default:
        return absl::StrCat("t", reinterpret_cast<const char*>(sqlite3_column_text(statement, i)));
    }
  }

  const std::string path_;
  sqlite3* db_ = nullptr;
};

std::string AsStored(const nlohmann::json& value, char type) {
  if (value.is_null() || value == "-") return "null";
  const std::string text = value.get<std::string>();
  if (type == 't') return absl::StrCat("t", text);
  if (type == 'r') return absl::StrCat("r", nlohmann::json(std::stod(text)).dump());
  if (text == "true" || text == "false") return text == "true" ? "i1" : "i0";
  return absl::StrCat("i", WholeNumber(value));
}

class TruthTest : public SimTest {
 protected:
  void Export(const nlohmann::json& extract) {
    const nlohmann::json spec = {{"extracts", nlohmann::json::array({extract})}};
    const absl::Status status = ExportTruth(sim_->data_set(), sim_->clock().Now(), spec.dump(), file_.path());
    ASSERT_TRUE(status.ok()) << status;
  }
  // Rows of a report over all accounts and the windows given, in the form of the store. `types`: per metric 't', 'r' or
  // 'i'.
  std::multiset<Row> Paged(const Params& base, const std::vector<std::pair<std::string, std::string>>& windows,
                           const std::map<std::string, char>& types) {
    std::multiset<Row> rows;
    for (size_t account = 0; account < sim_->data_set().size(); ++account) {
      for (const auto& [from, to] : windows) {
        const Params params = With(
            base, {{"advertiser_id", Account(account)}, {"start_date", from}, {"end_date", to}, {"page_size", "137"}});
        for (const auto& answer : AllRows("report/integrated/get/", params)) {
          Row row{{"advertiser_id", "t" + Account(account)}};
          for (const auto& [name, value] : answer["dimensions"].items()) {
            const std::string text = value;
            row[name] = absl::StrCat("t", name == "stat_time_day" ? text.substr(0, 10) : text);
          }
          for (const auto& [name, value] : answer["metrics"].items()) row[name] = AsStored(value, types.at(name));
          rows.insert(row);
        }
      }
    }
    return rows;
  }

  TruthFile file_;
};

const std::vector<std::pair<std::string, std::string>> kSpring = {{"2026-03-01", "2026-03-30"},
                                                                  {"2026-03-31", "2026-04-29"},
                                                                  {"2026-04-30", "2026-05-29"},
                                                                  {"2026-05-30", "2026-06-15"}};

TEST_F(TruthTest, BasicReportEqualsThePages) {
  const std::map<std::string, char> types = {{"spend", 'r'},
                                             {"impressions", 'i'},
                                             {"ctr", 'r'},
                                             {"reach", 'i'},
                                             {"ad_name", 't'},
                                             {"campaign_id", 't'},
                                             {"budget", 'r'},
                                             {"is_aco", 'i'},
                                             {"average_video_play", 'r'},
                                             {"secondary_goal_result", 'i'},
                                             {"dpa_target_audience_type", 't'}};
  nlohmann::json metrics = nlohmann::json::array();
  for (const auto& [name, type] : types) metrics.push_back(name);
  Export({{"table", "ads_daily"},
          {"stream", "basic_report"},
          {"level", "ad"},
          {"dimensions", {"stat_time_day"}},
          {"metrics", metrics},
          {"first_day", "2026-03-01"},
          {"last_day", "2026-06-15"}});
  const auto truth = file_.Read("ads_daily");
  ASSERT_GT(truth.size(), 500u);
  EXPECT_TRUE(truth == Paged(With(AdDays(), {{"metrics", metrics.dump()}}), kSpring, types));
}

TEST_F(TruthTest, AudienceReportEqualsThePages) {
  const std::map<std::string, char> types = {{"spend", 'r'}, {"impressions", 'i'}, {"clicks", 'i'}, {"cpc", 'r'}};
  Export({{"table", "audience"},
          {"stream", "audience_report"},
          {"level", "ad"},
          {"dimensions", {"stat_time_day", "age", "gender"}},
          {"metrics", {"spend", "impressions", "clicks", "cpc"}},
          {"first_day", "2026-03-01"},
          {"last_day", "2026-06-15"}});
  const auto truth = file_.Read("audience");
  ASSERT_GT(truth.size(), 2'000u);
  EXPECT_TRUE(truth == Paged(With(AdDays(), {{"report_type", "AUDIENCE"},
                                             {"dimensions", R"(["ad_id","stat_time_day","age","gender"])"},
                                             {"metrics", R"(["spend","impressions","clicks","cpc"])"}}),
                             kSpring, types));
}

TEST_F(TruthTest, ReportWithoutDeletedObjectsEqualsThePages) {
  Export({{"table", "t"},
          {"stream", "basic_report"},
          {"level", "campaign"},
          {"dimensions", {"stat_time_day"}},
          {"metrics", {"spend"}},
          {"first_day", "2026-03-01"},
          {"last_day", "2026-06-15"},
          {"include_deleted", false}});
  const Params params = With(AdDays(), {{"data_level", "AUCTION_CAMPAIGN"},
                                        {"dimensions", R"(["campaign_id","stat_time_day"])"},
                                        {"metrics", R"(["spend"])"},
                                        {"filtering", ""}});
  EXPECT_TRUE(file_.Read("t") == Paged(params, kSpring, {{"spend", 'r'}}));
}

// A field of an answer in the form of the store.
std::string StoredField(const nlohmann::json& object, const EntityField& field) {
  const std::string name(field.name);
  if (!object.contains(name) || object[name].is_null()) return "null";
  const nlohmann::json& value = object[name];
  switch (field.type) {
    case FieldType::kTime: {
      const std::string text = value;
      return absl::StrCat("t", text.substr(0, 10), "T", text.substr(11), "Z");
    }
    case FieldType::kText:
      return absl::StrCat("t", value.get<std::string>());
    case FieldType::kNumber:
      return absl::StrCat("r", nlohmann::json(value.get<double>()).dump());
    case FieldType::kFlag:
      return value == true || value == 1 ? "i1" : "i0";
    case FieldType::kJson:
      return absl::StrCat("t", value.dump());
    default:
      return absl::StrCat("i", value.get<int64_t>());
  }
}

// This test's parser does not keep the order of members: compare objects by what they say.
void SortMembers(Row& row, Level level) {
  for (const EntityField& field : EntityFields(level)) {
    std::string& cell = row[std::string(field.name)];
    if (field.type == FieldType::kJson && cell != "null" && !cell.empty()) {
      cell = absl::StrCat("t", nlohmann::json::parse(cell.substr(1)).dump());
    }
    if (field.extra) row.erase(std::string(field.name));
  }
}

class EntityTruthTest : public TruthTest {
 protected:
  std::multiset<Row> PagedEntities(const char* path, Level level) {
    std::multiset<Row> rows;
    for (size_t account = 0; account < sim_->data_set().size(); ++account) {
      for (const char* types : {R"(["AUCTION","RESERVATION_RF"])", R"(["RESERVATION_TOP_VIEW"])"}) {
        const std::string filter =
            absl::StrCat(R"({"primary_status":"STATUS_ALL","campaign_system_origins":["TT_ADS_PLATFORM","PROMOTE"],)",
                         R"("buying_types":)", types, "}");
        const Params params = {{"advertiser_id", Account(account)}, {"page_size", "100"}, {"filtering", filter}};
        for (const auto& object : AllRows(path, params)) {
          Row row;
          for (const EntityField& field : EntityFields(level)) {
            if (!field.extra) row[std::string(field.name)] = StoredField(object, field);
          }
          rows.insert(row);
        }
      }
    }
    return rows;
  }
  void ExpectSame(const char* stream, const char* path, Level level) {
    Export({{"table", "t"}, {"stream", stream}});
    std::multiset<Row> truth;
    for (Row row : file_.Read("t")) {
      SortMembers(row, level);
      truth.insert(row);
    }
    EXPECT_GT(truth.size(), 20u);
    EXPECT_TRUE(truth == PagedEntities(path, level)) << stream;
  }
};

TEST_F(EntityTruthTest, AdvertsEqualThePages) { ExpectSame("adverts", "ad/get/", kAd); }
TEST_F(EntityTruthTest, AdGroupsEqualThePages) { ExpectSame("ad_groups", "adgroup/get/", kAdGroup); }
TEST_F(EntityTruthTest, CampaignsEqualThePages) { ExpectSame("campaigns", "campaign/get/", kCampaign); }

TEST_F(TruthTest, CategoriesEqualTheAnswer) {
  Export({{"table", "t"}, {"stream", "interest_categories"}, {"advertisers", {Account(0)}}});
  const auto truth = file_.Read("t");
  const nlohmann::json list =
      Get("tool/interest_category/", {{"advertiser_id", Account(0)}})["data"]["interest_categories"];
  ASSERT_GT(list.size(), 200u);
  std::multiset<Row> answered;
  for (const auto& category : list) {
    answered.insert({{"advertiser_id", "t" + Account(0)},
                     {"interest_category_id", "t" + category["interest_category_id"].get<std::string>()},
                     {"interest_category_name", "t" + category["interest_category_name"].get<std::string>()},
                     {"level", absl::StrCat("i", category["level"].get<int>())},
                     {"sub_category_ids", "t" + category["sub_category_ids"].dump()},
                     {"special_industries", "t" + category["special_industries"].dump()},
                     {"placements", "t" + category["placements"].dump()}});
  }
  EXPECT_TRUE(truth == answered);
}

TEST_F(TruthTest, SpecificationIsChecked) {
  const auto fails = [&](const char* spec) {
    return !ExportTruth(sim_->data_set(), sim_->clock().Now(), spec, file_.path()).ok();
  };
  EXPECT_TRUE(fails("[]"));
  EXPECT_TRUE(fails(R"({"extracts":[{"table":"t"}]})"));
  EXPECT_TRUE(fails(R"({"extracts":[{"table":"t","stream":"weather"}]})"));
  EXPECT_TRUE(fails(R"({"extracts":[{"table":"t","stream":"adverts","colour":"red"}]})"));
  EXPECT_TRUE(fails(R"({"extracts":[{"table":"t","stream":"adverts","fields":["colour"]}]})"));
  EXPECT_TRUE(fails(R"({"extracts":[{"table":"t","stream":"basic_report","level":"ad","metrics":["spendings"]}]})"));
  EXPECT_TRUE(fails(R"({"extracts":[{"table":"t","stream":"adverts","advertisers":["1"]}]})"));
}

}  // namespace
}  // namespace tikhaul::simulator
