// Recorded answers (samples/README.md): our client decodes them into the rows they hold, and the simulator's answers
// have their shape.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/decimal.h"
#include "common/catalog/extract_shape.h"
#include "tests/unit/simulator/sim_fixture.h"
#include "worker/row_decoder.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

// What a recorded stream is called here, and the level of reports.
struct Recorded {
  std::string ours;
  std::string level;
};

Recorded Find(const std::string& stream) {
  static const auto& objects = *new std::map<std::string, std::string>{
      {"advertisers", "advertiser_info"},   {"ads", "adverts"},
      {"ad_groups", "ad_groups"},           {"campaigns", "campaigns"},
      {"creative_assets_images", "images"}, {"creative_assets_videos", "videos"}};
  if (const auto found = objects.find(stream); found != objects.end()) return {found->second, ""};
  Recorded report{absl::StrContains(stream, "audience") ? "audience_report" : "basic_report", "ad"};
  if (absl::StartsWith(stream, "ad_group")) report.level = "ad_group";
  if (absl::StartsWith(stream, "campaigns")) report.level = "campaign";
  if (absl::StartsWith(stream, "advertisers")) report.level = "advertiser";
  return report;
}

bool IsReport(const Recorded& recorded) { return !recorded.level.empty(); }

v1::Extract ExtractOf(const Recorded& recorded, const json& row) {
  v1::Extract extract;
  extract.set_name("x");
  extract.set_stream(recorded.ours);
  if (!IsReport(recorded)) return extract;
  extract.set_level(recorded.level);
  for (const auto& [name, value] : row["dimensions"].items()) {
    if (name != IdDimensionName(LevelFromName(recorded.level))) extract.add_dimensions(name);
  }
  for (const auto& [name, value] : row["metrics"].items()) extract.add_metrics(name);
  return extract;
}

// Without what the recording connector added at the top level.
json RowOf(const Recorded& recorded, const json& data) {
  if (!IsReport(recorded)) return data;
  return {{"dimensions", data["dimensions"]}, {"metrics", data["metrics"]}};
}

std::string EnvelopeOf(const std::string& member, const json& rows) {
  return json{{"code", 0}, {"message", "OK"}, {"request_id", "r"}, {"data", {{member, rows}}}}.dump();
}

absl::StatusOr<DecodedPage> Decode(const v1::Extract& extract, std::string body, v1::ReadPlan* plan) {
  const Window window{WindowKind::kDays, absl::CivilDay(2023, 1, 1), absl::CivilDay(2023, 1, 1)};
  *plan = CompileReadPlan(extract, "main", "1", window);
  auto decoder = RowDecoder::Make(*plan);
  return decoder.ok() ? decoder->Decode(body) : decoder.status();
}

std::string TextOf(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// Seconds since 1970 of the three spellings of an instant.
int64_t SecondsOf(std::string text) {
  int64_t unix_seconds = 0;
  if (absl::SimpleAtoi(text, &unix_seconds)) return unix_seconds;
  text[10] = ' ';
  return SecondNumber(*ParseCivilSecond(text.substr(0, 19)));
}

// Does the cell hold what stands in the sample?
testing::AssertionResult Holds(const Column& cells, size_t row, const json& value) {
  const std::string text = TextOf(value);
  const bool text_column = cells.type() == ColumnType::kString || cells.type() == ColumnType::kJson;
  const bool none = value.is_null() || (!text_column && (text.empty() || text == "-"));
  if (none) {
    if (!cells.HasValue(row)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "a value where there is none";
  }
  if (!cells.HasValue(row)) return testing::AssertionFailure() << "no value, wanted " << text;
  std::string found = "?";
  bool same = false;
  switch (cells.type()) {
    case ColumnType::kString:
      found = std::string(cells.Text(row));
      same = found == text;
      break;
    case ColumnType::kJson:
      found = std::string(cells.Text(row));
      same = json::parse(found) == value;
      break;
    case ColumnType::kDecimal:
      found = FormatDecimal(cells.DecimalAt(row));
      same = std::stod(found) == std::stod(text);
      break;
    case ColumnType::kBool:
      found = absl::StrCat(cells.Number(row));
      same = (cells.Number(row) == 1) == (text == "true" || text == "1");
      break;
    case ColumnType::kDate:
      found = absl::StrCat(cells.Number(row));
      same = cells.Number(row) == DayNumber(*ParseDay(text.substr(0, 10)));
      break;
    case ColumnType::kTimestamp:
    case ColumnType::kLocalHour:
      found = absl::StrCat(cells.Number(row));
      same = cells.Number(row) == SecondsOf(text);
      break;
    case ColumnType::kInt64:
      found = absl::StrCat(cells.Number(row));
      same = static_cast<double>(cells.Number(row)) == std::stod(text);
      break;
  }
  if (same) return testing::AssertionSuccess();
  return testing::AssertionFailure() << found << ", wanted " << text;
}

const json& CellOf(const json& row, const v1::ColumnPlan& column) {
  static const json none;
  const json* object = &row;
  if (column.source() == v1::ColumnPlan::SOURCE_DIMENSION) object = &row["dimensions"];
  if (column.source() == v1::ColumnPlan::SOURCE_METRIC) object = &row["metrics"];
  const auto found = object->find(column.member());
  return found == object->end() ? none : *found;
}

void ExpectDecodes(const v1::Extract& extract, const std::string& body, const json& rows) {
  v1::ReadPlan plan;
  const auto page = Decode(extract, body, &plan);
  ASSERT_TRUE(page.ok()) << extract.stream() << ": " << page.status();
  ASSERT_EQ(page->rows, rows.size());
  for (const auto& [name, count] : page->unknown_fields) {
    // The makers of the hourly envelope stamped their rows with it.
    EXPECT_EQ(name, "advertiser_id") << extract.stream() << " does not know " << name;
  }
  for (const auto& [name, count] : page->unparsed_values) ADD_FAILURE() << extract.stream() << " cannot read " << name;
  for (size_t row = 0; row < rows.size(); ++row) {
    for (int i = 0; i < plan.columns_size(); ++i) {
      const v1::ColumnPlan& column = plan.columns(i);
      const json& value = CellOf(rows[row], column);
      if (column.key() && value.is_null()) continue;
      EXPECT_TRUE(Holds(page->batches.at(0).columns[static_cast<size_t>(i)], row, value))
          << extract.stream() << "." << column.name();
    }
  }
}

std::vector<std::pair<std::string, json>> RecordedRows() {
  std::vector<std::pair<std::string, json>> rows;
  std::ifstream in(CONFORMANCE_FOLDER "/samples/recorded.jsonl");
  for (std::string line; std::getline(in, line);) {
    const json record = json::parse(line);
    rows.emplace_back(record["stream"], record["data"]);
  }
  return rows;
}

json ReadEnvelope(const char* file) {
  std::ifstream in(absl::StrCat(CONFORMANCE_FOLDER, "/samples/", file));
  return json::parse(in);
}

TEST(SamplesTest, RecordedRowsDecode) {
  std::set<std::string> seen;
  for (const auto& [stream, data] : RecordedRows()) {
    const Recorded recorded = Find(stream);
    const json row = RowOf(recorded, data);
    const v1::Extract extract = ExtractOf(recorded, row);
    ExpectDecodes(extract, EnvelopeOf("list", json::array({row})), json::array({row}));
    seen.insert(stream);
  }
  EXPECT_GT(seen.size(), 25u);
}

TEST(SamplesTest, EnvelopesDecode) {
  const json music = ReadEnvelope("creative_assets_music.json");
  v1::Extract extract;
  extract.set_name("x");
  extract.set_stream("music");
  ExpectDecodes(extract, music.dump(), music["data"]["musics"]);
  for (const char* stream : {"ads_reports_hourly", "advertisers_audience_reports_lifetime"}) {
    const json envelope = ReadEnvelope(absl::StrCat(stream, ".json").c_str());
    ExpectDecodes(ExtractOf(Find(stream), envelope["data"]["list"][0]), envelope.dump(), envelope["data"]["list"]);
  }
}

class ShapeTest : public SimTest {
 protected:
  ShapeTest() : SimTest("quickstart") {}

  // All rows of an entity stream that the simulator shows.
  std::vector<json> Shown(const std::string& stream) {
    const StreamSpec& spec = *FindStream(stream);
    const Params own = {{"advertiser_id", Account(0)}, {"page_size", absl::StrCat(spec.page_size)}};
    if (spec.paged) return AllRows(std::string(spec.path), own, std::string(spec.rows_member));
    return Get(std::string(spec.path), {{"advertiser_ids", json::array({Account(0)}).dump()}})["data"]["list"];
  }

  // Kinds of JSON that the simulator shows under each name.
  static std::map<std::string, std::set<std::string>> KindsOf(const std::vector<json>& rows) {
    std::map<std::string, std::set<std::string>> kinds;
    for (const json& row : rows) {
      for (const auto& [name, value] : row.items()) kinds[name].insert(KindOf(value));
    }
    return kinds;
  }
  static std::string KindOf(const json& value) { return value.is_number() ? "number" : value.type_name(); }
  // The recording connector made numbers of ids, and 0 and 1 of some flags.
  static bool Fits(const std::string& name, const json& sample, const std::set<std::string>& shown) {
    if (sample.is_null() || shown == std::set<std::string>{"null"} || shown.contains(KindOf(sample))) return true;
    const bool cast_id = absl::EndsWith(name, "_id") && sample.is_number() && shown.contains("string");
    const bool cast_flag = (sample == 0 || sample == 1) && shown.contains("boolean");
    return cast_id || cast_flag;
  }
};

TEST_F(ShapeTest, TheSimulatorsObjectsHaveTheMembersOfTheRecordedOnes) {
  size_t compared = 0;
  for (const auto& [stream, data] : RecordedRows()) {
    const Recorded recorded = Find(stream);
    if (IsReport(recorded)) continue;
    const auto kinds = KindsOf(Shown(recorded.ours));
    for (const auto& [name, value] : data.items()) {
      const auto found = kinds.find(name);
      ASSERT_NE(found, kinds.end()) << recorded.ours << " lacks " << name;
      EXPECT_TRUE(Fits(name, value, found->second)) << recorded.ours << "." << name << ": " << value.dump();
      ++compared;
    }
  }
  EXPECT_GT(compared, 150u);
}

TEST_F(ShapeTest, TheSimulatorsReportsHaveTheMembersOfTheRecordedOnes) {
  size_t compared = 0;
  for (const auto& [stream, data] : RecordedRows()) {
    const Recorded recorded = Find(stream);
    if (!IsReport(recorded)) continue;
    const v1::Extract extract = ExtractOf(recorded, data);
    const Window window{WindowKind::kDays, absl::CivilDay(2026, 5, 1), absl::CivilDay(2026, 5, 30)};
    const v1::ReadPlan plan = CompileReadPlan(extract, "main", Account(0), window);
    Params params = {{"page_size", "1000"}};
    for (const v1::ApiParam& param : plan.requests(0).params()) params[param.name()] = param.value();
    const json answer = Get("report/integrated/get/", params);
    if (answer["code"] != 0) {  // the recording connector asked for what the sheet does not allow any more
      ADD_FAILURE() << stream << ": " << answer.dump().substr(0, 300);
      continue;
    }
    ASSERT_FALSE(answer["data"]["list"].empty()) << stream;
    const json& row = answer["data"]["list"][0];
    EXPECT_EQ(row["metrics"].size(), data["metrics"].size()) << stream;
    EXPECT_EQ(row["dimensions"].size(), data["dimensions"].size()) << stream;
    for (const auto& [name, value] : row["metrics"].items()) {
      EXPECT_TRUE(data["metrics"].contains(name)) << stream << "." << name;
      EXPECT_TRUE(value.is_string() || value.is_null()) << stream << "." << name;
      ++compared;
    }
    for (const auto& [name, value] : row["dimensions"].items()) {
      EXPECT_TRUE(value.is_string()) << stream << "." << name;
      if (absl::StartsWith(name, "stat_time")) {
        EXPECT_EQ(value.get<std::string>().size(), TextOf(data["dimensions"][name]).size()) << stream;
      }
    }
  }
  EXPECT_GT(compared, 500u);
}

}  // namespace
}  // namespace tikhaul::simulator
