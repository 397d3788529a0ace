// Catalogue and simulator were written from the same sheet (tiktok-api.md 4.2, 4.5, 4.6) without a shared line. What
// the catalogue allows must be answered by the simulator, and what it refuses must be refused there with 40002.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/json_text.h"
#include "simulator/metrics.h"
#include "simulator/report_query.h"

namespace tikhaul {
namespace {

using Names = std::vector<std::string>;

struct Shape {
  const StreamSpec* stream = nullptr;
  uint8_t level = kAdLevel;
  Names dimensions = {};  // without the level's id, unless another takes its place
  bool lifetime = false;
  Names metrics = {"spend"};
  std::string filter_field = "";
};

constexpr uint8_t kLevels[] = {kAdvertiserLevel, kCampaignLevel, kAdGroupLevel, kAdLevel};

std::string Describe(const Shape& shape) {
  return absl::StrCat(shape.stream->name, " ", LevelName(shape.level), " [", absl::StrJoin(shape.dimensions, ", "),
                      "] [", absl::StrJoin(shape.metrics, ", "), "]", shape.lifetime ? " lifetime" : "",
                      shape.filter_field.empty() ? "" : " filter ", shape.filter_field);
}

v1::Extract ExtractOf(const Shape& shape) {
  v1::Extract extract;
  extract.set_name("x");
  extract.set_table("x");
  extract.set_stream(std::string(shape.stream->name));
  extract.set_level(std::string(LevelName(shape.level)));
  for (const std::string& dimension : shape.dimensions) extract.add_dimensions(dimension);
  for (const std::string& metric : shape.metrics) extract.add_metrics(metric);
  extract.set_lifetime(shape.lifetime);
  if (!shape.filter_field.empty()) {
    v1::Filter& filter = *extract.add_filters();
    filter.set_field_name(shape.filter_field);
    filter.set_filter_type("IN");
    filter.set_filter_value(R"(["7002238017842757634"])");
  }
  return extract;
}

bool Asks(const Shape& shape, absl::string_view dimension) {
  return std::find(shape.dimensions.begin(), shape.dimensions.end(), dimension) != shape.dimensions.end();
}

bool ReplacesId(const Shape& shape) { return shape.level == kAdLevel && Asks(shape, "ad_id_v2"); }

// The request that the extract stands for, written without the catalogue's help.
simulator::Call CallOf(const Shape& shape) {
  Names dimensions = shape.dimensions;
  const std::string id(IdDimensionName(shape.level));
  if (!ReplacesId(shape) && !Asks(shape, id)) dimensions.insert(dimensions.begin(), id);
  simulator::Call call;
  call.params = {{"advertiser_id", "7002238017842757633"},
                 {"report_type", std::string(shape.stream->report_type)},
                 {"data_level", std::string(DataLevelName(shape.level))},
                 {"dimensions", JsonArray(dimensions)},
                 {"metrics", JsonArray(shape.metrics)}};
  if (shape.lifetime) {
    call.params["query_lifetime"] = "true";
  } else {
    call.params["start_date"] = call.params["end_date"] = "2026-05-01";
  }
  if (!shape.filter_field.empty()) {
    call.params["filtering"] = absl::StrCat(R"([{"field_name":")", shape.filter_field,
                                            R"(","filter_type":"IN","filter_value":"[\"7002238017842757634\"]"}])");
  }
  return call;
}

// What the two say; empty when they agree.
std::string Difference(const Shape& shape) {
  const std::vector<ExtractProblem> problems = CheckExtract(ExtractOf(shape));
  const std::optional<simulator::Refusal> refusal = simulator::ParseReport(CallOf(shape)).refusal;
  if (problems.empty() && refusal.has_value()) return absl::StrCat("the simulator refuses: ", refusal->message);
  if (!problems.empty() && !refusal.has_value()) return absl::StrCat("only the catalogue: ", problems[0].message);
  if (refusal.has_value() && refusal->code != 40002) return absl::StrCat("refused with ", refusal->code);
  return "";
}

class LegalityTest : public ::testing::Test {
 protected:
  static Names ReportStreams() { return {"basic_report", "audience_report"}; }

  // Fails the test with the first few differences.
  void Compare(const Shape& shape) {
    ++compared_;
    const std::string difference = Difference(shape);
    if (difference.empty()) return;
    if (++differences_ <= 40) ADD_FAILURE() << Describe(shape) << ": " << difference;
  }

  int compared_ = 0, differences_ = 0;
};

// Names of dimensions that either report knows.
Names AllDimensions() {
  std::set<std::string> names;
  for (const char* stream : {"basic_report", "audience_report"}) {
    for (const DimensionSpec& dimension : FindStream(stream)->dimensions) names.emplace(dimension.name);
  }
  return {names.begin(), names.end()};
}

TEST_F(LegalityTest, EveryPairOfDimensionsAtEveryLevel) {
  const Names all = AllDimensions();
  for (const std::string& stream : ReportStreams()) {
    for (const uint8_t level : kLevels) {
      for (const bool lifetime : {false, true}) {
        Shape shape{.stream = FindStream(stream), .level = level, .lifetime = lifetime};
        Compare(shape);
        for (size_t i = 0; i < all.size(); ++i) {
          shape.dimensions = {all[i]};
          Compare(shape);
          for (size_t j = i + 1; j < all.size(); ++j) {
            shape.dimensions = {all[i], all[j]};
            Compare(shape);
          }
        }
      }
    }
  }
  EXPECT_GT(compared_, 10'000);
}

TEST_F(LegalityTest, ThreeDimensions) {
  const Names all = AllDimensions();
  for (const std::string& stream : ReportStreams()) {
    for (const char* time : {"stat_time_day", "stat_time_hour"}) {
      for (const std::string& first : all) {
        for (const std::string& second : all) {
          if (first >= second || first == time || second == time) continue;
          Compare({.stream = FindStream(stream), .level = kCampaignLevel, .dimensions = {time, first, second}});
        }
      }
    }
  }
  EXPECT_GT(compared_, 2'000);
}

// Shapes that are legal with spend.
std::vector<Shape> LegalShapes(const std::string& stream) {
  std::vector<Names> breakdowns = {{}, {"age", "gender"}, {"search_keyword", "match_type"}};
  for (const std::string& name : AllDimensions()) breakdowns.push_back({name});
  std::vector<Shape> shapes;
  for (const uint8_t level : kLevels) {
    for (const Names& breakdown : breakdowns) {
      for (const char* time : {"", "stat_time_day", "stat_time_hour", "lifetime"}) {
        Shape shape{.stream = FindStream(stream), .level = level, .dimensions = breakdown};
        shape.lifetime = absl::string_view(time) == "lifetime";
        if (absl::StartsWith(time, "stat_")) shape.dimensions.emplace_back(time);
        if (CheckExtract(ExtractOf(shape)).empty()) shapes.push_back(shape);
      }
    }
  }
  return shapes;
}

// Of both sides, so that a name which only one of them knows shows.
std::set<std::string> AllMetrics() {
  std::set<std::string> names;
  for (const char* stream : {"basic_report", "audience_report"}) {
    for (const MetricSpec& metric : FindStream(stream)->metrics) names.emplace(metric.name);
  }
  for (const simulator::Metric& metric : simulator::MetricTable::Get().all()) {
    if (metric.name[0] != '#') names.insert(metric.name);
  }
  return names;
}

TEST_F(LegalityTest, EveryMetricBesideEveryLegalShape) {
  const std::set<std::string> metrics = AllMetrics();
  ASSERT_GT(metrics.size(), 820u);
  for (const std::string& stream : ReportStreams()) {
    const std::vector<Shape> shapes = LegalShapes(stream);
    ASSERT_GT(shapes.size(), 100u) << stream;
    for (Shape shape : shapes) {
      const std::string id = ReplacesId(shape) ? "ad_id_v2" : std::string(IdDimensionName(shape.level));
      for (const std::string& metric : metrics) {
        // A key of the table already; the API would give it twice.
        if (metric == id || metric == "advertiser_id") continue;
        shape.metrics = {metric};
        Compare(shape);
      }
    }
  }
  EXPECT_GT(compared_, 100'000);
}

TEST_F(LegalityTest, FiltersByIds) {
  for (const std::string& stream : ReportStreams()) {
    const Names breakdown = stream == "basic_report" ? Names{} : Names{"age"};
    for (const uint8_t level : kLevels) {
      for (const char* field : {"campaign_ids", "adgroup_ids", "ad_ids", "ad_ids_v2", "no_such_ids"}) {
        Compare({.stream = FindStream(stream), .level = level, .dimensions = breakdown, .filter_field = field});
      }
    }
  }
  Compare({.stream = FindStream("basic_report"), .dimensions = {"ad_id_v2"}, .filter_field = "ad_ids"});
  Compare({.stream = FindStream("basic_report"), .dimensions = {"ad_id_v2"}, .filter_field = "ad_ids_v2"});
}

// What is compiled from a legal extract is the request that was compared above.
TEST_F(LegalityTest, CompiledRequestsAreAnswered) {
  for (const std::string& stream : ReportStreams()) {
    for (const Shape& shape : LegalShapes(stream)) {
      const Window day{WindowKind::kDays, absl::CivilDay(2026, 5, 1), absl::CivilDay(2026, 5, 1)};
      const v1::ReadPlan plan = CompileReadPlan(ExtractOf(shape), "main", "7001", day);
      for (const v1::ApiRequest& request : plan.requests()) {
        simulator::Call call;
        for (const v1::ApiParam& param : request.params()) call.params[param.name()] = param.value();
        const std::optional<simulator::Refusal> refusal = simulator::ParseReport(call).refusal;
        EXPECT_FALSE(refusal.has_value()) << Describe(shape) << ": " << refusal->message;
      }
    }
  }
}

}  // namespace
}  // namespace tikhaul
