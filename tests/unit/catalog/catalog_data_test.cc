// The catalogue against the counts and words of tiktok-api.md 4.2, 4.6, 4.8, 6.2 to 6.4 and 7.1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "common/catalog/catalog.h"
#include "common/catalog/metric_table.h"

namespace tikhaul {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const StreamSpec& Basic() { return *FindStream("basic_report"); }
const StreamSpec& Audience() { return *FindStream("audience_report"); }

template <typename Specs>
std::vector<std::string> Names(const Specs& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.emplace_back(spec.name);
  return names;
}

template <typename Specs>
void ExpectUnique(const Specs& specs) {
  std::set<std::string> seen;
  for (const auto& spec : specs) {
    EXPECT_TRUE(seen.insert(std::string(spec.name)).second) << spec.name;
    EXPECT_EQ(std::string(spec.name).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos)
        << spec.name;
  }
}

TEST(CatalogTest, TheSixStreamsComeFirst) {
  std::vector<std::string> names = Names(Streams());
  ASSERT_GT(names.size(), 6u);
  names.resize(6);
  EXPECT_THAT(names, ElementsAre("basic_report", "audience_report", "adverts", "ad_groups", "campaigns",
                                 "interest_categories"));
}

TEST(CatalogTest, UnknownNamesAreNotFound) {
  EXPECT_EQ(FindStream("ads"), nullptr);
  EXPECT_EQ(FindMetric(Basic(), "spned"), nullptr);
  EXPECT_EQ(FindDimension(Basic(), "gender"), nullptr);
}

TEST(CatalogTest, BasicGroupsHaveAsManyMetricsAsTheSheetCounts) {
  std::map<std::string, int> counts;
  for (const MetricSpec& metric : Basic().metrics) ++counts[std::string(metric.group)];
  const std::map<std::string, int> expected = {{"attributes", 48},
                                               {"core", 36},
                                               {"video", 16},
                                               {"click", 9},
                                               {"social", 14},
                                               {"live", 4},
                                               {"image", 3},
                                               {"app", 208},
                                               {"website", 99},
                                               {"onsite", 122},
                                               {"interactive_add_on", 6},
                                               {"messaging", 6},
                                               {"shop", 24},
                                               {"offline", 99},
                                               {"native_growth", 94},
                                               {"attribution", 30},
                                               {"instant_experience", 8}};
  EXPECT_EQ(counts, expected);
  EXPECT_EQ(Basic().metrics.size(), 826u);
}

TEST(CatalogTest, BasicMetricsHaveTheKindsOfTheSheet) {
  std::map<std::string, std::map<ColumnType, int>> kinds;
  for (const MetricSpec& metric : Basic().metrics) ++kinds[std::string(metric.group)][metric.type];
  using Kinds = std::map<ColumnType, int>;
  constexpr ColumnType kCount = ColumnType::kInt64, kDecimal = ColumnType::kDecimal;
  EXPECT_EQ(kinds["attributes"],
            (Kinds{{ColumnType::kString, 41}, {ColumnType::kBool, 2}, {kCount, 1}, {kDecimal, 4}}));
  EXPECT_EQ(kinds["core"], (Kinds{{kCount, 11}, {kDecimal, 25}}));
  EXPECT_EQ(kinds["video"], (Kinds{{kCount, 14}, {kDecimal, 2}}));
  EXPECT_EQ(kinds["app"], (Kinds{{kCount, 62}, {kDecimal, 146}}));
  EXPECT_EQ(kinds["website"], (Kinds{{kCount, 20}, {kDecimal, 79}}));
  EXPECT_EQ(kinds["onsite"], (Kinds{{kCount, 26}, {kDecimal, 96}}));
  EXPECT_EQ(kinds["native_growth"], (Kinds{{kCount, 12}, {kDecimal, 82}}));
  EXPECT_EQ(kinds["offline"], (Kinds{{kCount, 20}, {kDecimal, 79}}));
  EXPECT_EQ(kinds["shop"], (Kinds{{kCount, 6}, {kDecimal, 18}}));
  EXPECT_EQ(kinds["attribution"], (Kinds{{kCount, 14}, {kDecimal, 16}}));
}

TEST(CatalogTest, AudienceHasTheUnionOfTheSheet) {
  std::map<std::string, int> counts;
  for (const MetricSpec& metric : Audience().metrics) ++counts[std::string(metric.group)];
  EXPECT_EQ(counts,
            (std::map<std::string, int>{{"core", 21}, {"video", 10}, {"social", 7}, {"page", 3}, {"attributes", 26}}));
}

TEST(CatalogTest, MetricsOfBothReportsHaveOneTypeAndOneLevelRule) {
  int shared = 0;
  for (const MetricSpec& metric : Audience().metrics) {
    const MetricSpec* basic = FindMetric(Basic(), metric.name);
    if (basic == nullptr) {
      EXPECT_EQ(metric.name, "rf_campaign_type");
      continue;
    }
    ++shared;
    EXPECT_EQ(metric.type, basic->type) << metric.name;
    EXPECT_EQ(metric.levels, basic->levels) << metric.name;
  }
  EXPECT_EQ(shared, 66);
}

TEST(CatalogTest, NamesAreUniqueAndPlain) {
  for (const StreamSpec& stream : Streams()) {
    ExpectUnique(stream.metrics);
    ExpectUnique(stream.dimensions);
    ExpectUnique(stream.fields);
    ExpectUnique(stream.presets);
  }
}

TEST(CatalogTest, EveryTraitFitsAMetric) {
  const auto matches = [](const MetricTrait& trait, const MetricSpec& metric) {
    const bool prefix = trait.pattern.back() == '*';
    const absl::string_view stem = trait.pattern.substr(0, trait.pattern.size() - (prefix ? 1 : 0));
    return trait.group == metric.group && (prefix ? metric.name.substr(0, stem.size()) == stem : metric.name == stem);
  };
  for (const MetricTrait& trait : MetricTraits()) {
    bool used = false;
    for (const StreamSpec& stream : Streams()) {
      for (const MetricSpec& metric : stream.metrics) used = used || matches(trait, metric);
    }
    EXPECT_TRUE(used) << trait.group << " " << trait.pattern;
  }
}

TEST(CatalogTest, BasicDimensionsAreThoseOfTheSheet) {
  EXPECT_THAT(
      Names(Basic().dimensions),
      UnorderedElementsAre("advertiser_id", "campaign_id", "adgroup_id", "ad_id", "ad_id_v2", "stat_time_day",
                           "stat_time_hour", "country_code", "ad_type", "custom_event_type", "event_source_id",
                           "page_id", "component_name", "room_id", "post_id", "image_id", "video_material_id",
                           "minis_id", "search_terms", "search_keyword", "match_type", "skan_postback_sequence"));
}

TEST(CatalogTest, AudienceDimensionsAreThoseOfTheSheet) {
  EXPECT_THAT(
      Names(Audience().dimensions),
      UnorderedElementsAre("advertiser_id", "campaign_id", "adgroup_id", "ad_id", "stat_time_day", "gender", "age",
                           "country_code", "province_id", "dma_id", "ac", "language", "platform", "placement",
                           "interest_category", "interest_category_tier2", "interest_category_tier3",
                           "interest_category_tier4", "behavior_id", "purchase_intention", "device_brand_id",
                           "contextual_tag", "hashtag", "audience_tags", "additional_interests", "ad_type"));
}

TEST(CatalogTest, TimeDimensionsAreDaysAndLocalHours) {
  EXPECT_EQ(FindDimension(Basic(), "stat_time_day")->type, ColumnType::kDate);
  EXPECT_EQ(FindDimension(Basic(), "stat_time_hour")->type, ColumnType::kLocalHour);
  EXPECT_EQ(FindDimension(Audience(), "stat_time_hour"), nullptr);
}

TEST(CatalogTest, PartnersAndRulesNameDimensionsOfTheirStream) {
  for (const StreamSpec& stream : Streams()) {
    for (const DimensionSpec& dimension : stream.dimensions) {
      if (dimension.partner.empty()) continue;
      const DimensionSpec* partner = FindDimension(stream, dimension.partner);
      ASSERT_NE(partner, nullptr) << dimension.name;
      EXPECT_EQ(partner->partner, dimension.name);
    }
    for (const MetricRule& rule : stream.metric_rules)
      EXPECT_NE(FindDimension(stream, rule.dimension), nullptr) << rule.dimension;
    for (const MetricSpec& metric : stream.metrics) {
      if (metric.only_with.empty()) continue;
      EXPECT_NE(FindDimension(stream, metric.only_with), nullptr) << metric.name;
    }
  }
}

TEST(CatalogTest, AttributesHaveTheLevelsOfTheSheet) {
  const std::map<std::string, uint8_t> levels = {
      {"advertiser_name", kAllLevels},
      {"currency", kAllLevels},
      {"campaign_name", kCampaignLevel | kAdGroupLevel | kAdLevel},
      {"campaign_budget", kCampaignLevel | kAdGroupLevel | kAdLevel},
      {"objective_type", kCampaignLevel | kAdGroupLevel | kAdLevel},
      {"split_test", kCampaignLevel | kAdGroupLevel | kAdLevel},
      {"app_promotion_type", kCampaignLevel | kAdGroupLevel | kAdLevel},
      {"adgroup_name", kAdGroupLevel | kAdLevel},
      {"placement_type", kAdGroupLevel | kAdLevel},
      {"promotion_type", kAdGroupLevel | kAdLevel},
      {"opt_status", kAdGroupLevel | kAdLevel},
      {"budget", kAdGroupLevel | kAdLevel},
      {"smart_target", kAdGroupLevel | kAdLevel},
      {"billing_event", kAdGroupLevel | kAdLevel},
      {"bid", kAdGroupLevel | kAdLevel},
      {"bid_strategy", kAdGroupLevel | kAdLevel},
      {"bid_secondary_goal", kAdGroupLevel | kAdLevel},
      {"tt_app_id", kAdGroupLevel | kAdLevel},
      {"tt_app_name", kAdGroupLevel | kAdLevel},
      {"mobile_app_id", kAdGroupLevel | kAdLevel},
      {"dpa_target_audience_type", kAdGroupLevel | kAdLevel},
      {"ad_name", kAdLevel},
      {"ad_text", kAdLevel},
      {"ad_id", kAdLevel},
      {"ad_id_v2", kAdLevel},
      {"ad_url", kAdLevel},
      {"call_to_action", kAdLevel},
      {"image_mode", kAdLevel},
      {"cash_spend", kAdvertiserLevel},
      {"voucher_spend", kAdvertiserLevel},
      {"ad_impression_ad_revenue_day0", kAllLevels},  // a figure, not a property of an ad
  };
  for (const auto& [name, level] : levels) {
    ASSERT_NE(FindMetric(Basic(), name), nullptr) << name;
    EXPECT_EQ(FindMetric(Basic(), name)->levels, level) << name;
  }
}

TEST(CatalogTest, SlowMetricsAreThoseOfTheSheet) {
  std::map<std::string, Lag> slow;
  for (const MetricSpec& metric : Basic().metrics) {
    if (metric.lag != Lag::kFast) slow[std::string(metric.name)] = metric.lag;
  }
  const std::map<std::string, Lag> expected = {{"reach", Lag::kHours16},
                                               {"frequency", Lag::kHours16},
                                               {"cost_per_1000_reached", Lag::kHours16},
                                               {"secondary_goal_result", Lag::kHours16},
                                               {"secondary_goal_result_rate", Lag::kHours16},
                                               {"cost_per_secondary_goal_result", Lag::kHours16},
                                               {"skan_result", Lag::kHours16},
                                               {"skan_result_rate", Lag::kHours16},
                                               {"skan_cost_per_result", Lag::kHours16},
                                               {"billed_cost", Lag::kHours11},
                                               {"cash_spend", Lag::kHours48},
                                               {"voucher_spend", Lag::kHours48}};
  EXPECT_EQ(slow, expected);
}

TEST(CatalogTest, LagsOfDimensionsAreTheSaferReading) {
  for (const char* name :
       {"ad_type", "custom_event_type", "event_source_id", "page_id", "component_name", "post_id", "search_terms"}) {
    EXPECT_EQ(FindDimension(Basic(), name)->lag, Lag::kHours16) << name;
  }
  EXPECT_EQ(FindDimension(Basic(), "country_code")->lag, Lag::kFast);
  EXPECT_EQ(FindDimension(Audience(), "country_code")->lag, Lag::kHours11);
  EXPECT_EQ(FindDimension(Audience(), "placement")->lag, Lag::kFast);
  EXPECT_EQ(FindDimension(Audience(), "gender")->lag, Lag::kHours16);
  EXPECT_EQ(FindDimension(Audience(), "behavior_id")->lag, Lag::kHours24);
}

TEST(CatalogTest, EntitiesHaveTheFieldsOfTheSheetAndTheObservedOnes) {
  const std::map<std::string, size_t> sizes = {
      {"campaigns", 37 + 2}, {"ad_groups", 144 + 3}, {"adverts", 85 + 3}, {"interest_categories", 6}};
  for (const auto& [name, size] : sizes) EXPECT_EQ(FindStream(name)->fields.size(), size) << name;
  for (const char* field : {"campaign_automation_type", "is_lhf_compliance"}) {
    EXPECT_THAT(Names(FindStream("campaigns")->fields), Contains(field));
  }
  for (const char* field : {"campaign_automation_type", "keywords", "category_id"}) {
    EXPECT_THAT(Names(FindStream("ad_groups")->fields), Contains(field));
  }
  for (const char* field : {"campaign_automation_type", "creative_material_mode", "landing_page_urls"}) {
    EXPECT_THAT(Names(FindStream("adverts")->fields), Contains(field));
  }
}

TEST(CatalogTest, EntityFieldsHaveTheTypesOfTheSheet) {
  const auto type_of = [](const char* stream, absl::string_view name) {
    for (const FieldSpec& field : FindStream(stream)->fields) {
      if (field.name == name) return field.type;
    }
    ADD_FAILURE() << name;
    return ColumnType::kString;
  };
  EXPECT_EQ(type_of("campaigns", "budget"), ColumnType::kDecimal);
  EXPECT_EQ(type_of("campaigns", "budget_optimize_on"), ColumnType::kBool);
  EXPECT_EQ(type_of("campaigns", "special_industries"), ColumnType::kJson);
  EXPECT_EQ(type_of("campaigns", "create_time"), ColumnType::kTimestamp);
  EXPECT_EQ(type_of("ad_groups", "schedule_end_time"), ColumnType::kTimestamp);
  EXPECT_EQ(type_of("ad_groups", "skip_learning_phase"), ColumnType::kBool);
  EXPECT_EQ(type_of("ad_groups", "audience_rule"), ColumnType::kJson);
  EXPECT_EQ(type_of("ad_groups", "device_price_ranges"), ColumnType::kJson);
  EXPECT_EQ(type_of("ad_groups", "category_id"), ColumnType::kString);
  EXPECT_EQ(type_of("adverts", "page_id"), ColumnType::kInt64);
  EXPECT_EQ(type_of("adverts", "tracking_pixel_id"), ColumnType::kInt64);
  EXPECT_EQ(type_of("adverts", "carousel_image_index"), ColumnType::kInt64);
  EXPECT_EQ(type_of("adverts", "modify_time"), ColumnType::kTimestamp);
  EXPECT_EQ(type_of("interest_categories", "level"), ColumnType::kInt64);
  EXPECT_EQ(type_of("interest_categories", "sub_category_ids"), ColumnType::kJson);
}

TEST(CatalogTest, EntitiesHaveOneKeyFieldAndItStandsFirst) {
  const std::map<std::string, std::string> keys = {{"campaigns", "campaign_id"},
                                                   {"ad_groups", "adgroup_id"},
                                                   {"adverts", "ad_id"},
                                                   {"interest_categories", "interest_category_id"}};
  for (const auto& [stream, key] : keys) {
    std::vector<std::string> found;
    for (const FieldSpec& field : FindStream(stream)->fields) {
      if (field.key) found.emplace_back(field.name);
    }
    EXPECT_THAT(found, ElementsAre(key));
    EXPECT_EQ(FindStream(stream)->fields[0].name, key);
  }
}

TEST(CatalogTest, PresetsAreKnownMetricsAndNoPresetIsNamedLikeOne) {
  for (const StreamSpec& stream : Streams()) {
    for (const PresetSpec& preset : stream.presets) {
      EXPECT_EQ(FindMetric(stream, preset.name), nullptr) << preset.name;
      std::set<absl::string_view> seen;
      for (const absl::string_view metric : preset.metrics) {
        EXPECT_NE(FindMetric(stream, metric), nullptr) << preset.name << " " << metric;
        EXPECT_TRUE(seen.insert(metric).second) << preset.name << " " << metric;
      }
    }
  }
}

TEST(CatalogTest, LevelsHaveNamesOnBothSides) {
  EXPECT_EQ(LevelFromName("ad_group"), kAdGroupLevel);
  EXPECT_EQ(LevelFromName("adgroup"), 0);
  EXPECT_EQ(LevelName(kAdvertiserLevel), "advertiser");
  EXPECT_EQ(LevelName(3), "");
  EXPECT_EQ(DataLevelName(kAdGroupLevel), "AUCTION_ADGROUP");
  EXPECT_EQ(IdDimensionName(kAdGroupLevel), "adgroup_id");
  EXPECT_EQ(StatusFilterField(kAdvertiserLevel), "");
  EXPECT_EQ(StatusFilterField(kCampaignLevel), "campaign_status");
  EXPECT_EQ(LevelList(kAllLevels), "advertiser, campaign, ad_group or ad");
  EXPECT_EQ(LevelList(kAdLevel), "ad");
}

TEST(CatalogTest, LagsHaveNames) {
  EXPECT_EQ(LagName(Lag::kFast), "30 minutes");
  EXPECT_EQ(LagName(Lag::kHours48), "48 hours");
}

TEST(CatalogTest, LimitsAreToldForEveryStream) {
  EXPECT_THAT(StreamLimits(Basic()), Contains("with stat_time_hour one request spans 1 day (4.4)"));
  EXPECT_THAT(StreamLimits(Audience()),
              Contains("one audience dimension per request; the only pair is age with gender (4.2)"));
  EXPECT_THAT(StreamLimits(*FindStream("ad_groups")),
              Contains("TopView objects are asked for separately, 100 a page (6.1)"));
  for (const StreamSpec& stream : Streams()) EXPECT_FALSE(StreamLimits(stream).empty()) << stream.name;
}

}  // namespace
}  // namespace tikhaul
