#include "common/catalog/catalog.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tikhaul {
namespace {

struct LevelNames {
  uint8_t level;
  absl::string_view name;
  absl::string_view data_level;
  absl::string_view id;
  absl::string_view status_filter;
};
constexpr LevelNames kLevels[] = {
    {kAdvertiserLevel, "advertiser", "AUCTION_ADVERTISER", "advertiser_id", ""},
    {kCampaignLevel, "campaign", "AUCTION_CAMPAIGN", "campaign_id", "campaign_status"},
    {kAdGroupLevel, "ad_group", "AUCTION_ADGROUP", "adgroup_id", "adgroup_status"},
    {kAdLevel, "ad", "AUCTION_AD", "ad_id", "ad_status"},
};

const LevelNames* FindLevel(uint8_t level) {
  for (const LevelNames& names : kLevels) {
    if (names.level == level) return &names;
  }
  return nullptr;
}

template <typename Spec>
const Spec* FindByName(absl::Span<const Spec> specs, absl::string_view name) {
  for (const Spec& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

// One word of MetricRule::picks, its "-" taken off.
bool PickFits(absl::string_view pick, const MetricSpec& metric) {
  if (absl::ConsumePrefix(&pick, "=")) return pick == metric.name;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(pick, absl::MaxSplits(':', 1));
  return parts.first == metric.group && absl::StrContains(metric.name, parts.second);
}

bool Allows(const MetricRule& rule, const MetricSpec& metric) {
  for (absl::string_view pick : absl::StrSplit(rule.picks, ' ')) {
    if (pick == "*") return true;
    const bool refuses = absl::ConsumePrefix(&pick, "-");
    if (PickFits(pick, metric)) return !refuses;
  }
  return false;
}

// Of reports whose limits no source tells: what is asked of them (section 8).
std::vector<std::string> OwnReportLimits(const StreamSpec& stream) {
  return {"one request spans at most 30 days, as with other reports by day (4.4)",
          absl::StrCat("one page holds at most ", stream.page_size, " rows")};
}

const MetricRule* Refusing(absl::Span<const MetricRule> rules, const MetricSpec& metric, absl::string_view dimension) {
  for (const MetricRule& rule : rules) {
    if (rule.dimension == dimension) return Allows(rule, metric) ? nullptr : &rule;
  }
  return nullptr;
}

std::vector<std::string> ReportLimits(const StreamSpec& stream) {
  if (stream.report_type.empty()) return OwnReportLimits(stream);
  std::vector<std::string> limits = {
      "with stat_time_day one request spans at most 30 days, without a time dimension 365 days (4.4)",
      "one page holds at most 1000 rows (3.2)",
      "one request names at most 100 metrics; more are split over several (4.1)",
      "an id filter holds at most 100 ids (4.5)",
      "the API looks at its 20,000 newest objects only; more are read in slices (4.9)",
      "asynchronous reports filter by ids only, so they lack deleted objects below level advertiser (5)",
  };
  if (FindDimension(stream, "stat_time_hour") != nullptr) {
    limits.insert(limits.begin() + 1, "with stat_time_hour one request spans 1 day (4.4)");
  }
  if (stream.lifetime) limits.push_back("lifetime totals have no time dimension and no country_code (4.1)");
  if (stream.needs_breakdown)
    limits.push_back("one audience dimension per request; the only pair is age with gender (4.2)");
  return limits;
}

std::vector<std::string> EntityLimits(const StreamSpec& stream) {
  if (!stream.paged) return {"one answer for each account"};
  std::vector<std::string> limits = {absl::StrCat("one page holds at most ", stream.page_size, " objects (3.2)")};
  if (stream.reach != 0) {
    limits.push_back(absl::StrCat("only the ", stream.reach, " newest objects can be reached (", stream.section,
                                  "); older ones that were read before are kept"));
  }
  if ((stream.filters & kCreationFilter) != 0) {
    limits.emplace_back("windows by creation time are at most 180 days of UTC; the API advises six months (6.1)");
  }
  if (stream.top_view_page_size != 0 && stream.top_view_page_size != stream.page_size) {
    limits.push_back(
        absl::StrCat("TopView objects are asked for separately, ", stream.top_view_page_size, " a page (6.1)"));
  }
  return limits;
}

}  // namespace

const StreamSpec* FindStream(absl::string_view name) { return FindByName(Streams(), name); }

const DimensionSpec* FindDimension(const StreamSpec& stream, absl::string_view name) {
  return FindByName(stream.dimensions, name);
}

const MetricSpec* FindMetric(const StreamSpec& stream, absl::string_view name) {
  return FindByName(stream.metrics, name);
}

const MetricRule* RefusingRule(const StreamSpec& stream, const MetricSpec& metric, absl::string_view dimension) {
  return Refusing(stream.metric_rules, metric, dimension);
}

const MetricRule* RefusingTaskRule(const StreamSpec& stream, const MetricSpec& metric, absl::string_view dimension) {
  return Refusing(stream.task_rules, metric, dimension);
}

uint8_t LevelFromName(absl::string_view name) {
  for (const LevelNames& names : kLevels) {
    if (names.name == name) return names.level;
  }
  return 0;
}

absl::string_view LevelName(uint8_t level) {
  const LevelNames* names = FindLevel(level);
  return names == nullptr ? "" : names->name;
}

absl::string_view DataLevelName(uint8_t level) {
  const LevelNames* names = FindLevel(level);
  return names == nullptr ? "" : names->data_level;
}

absl::string_view IdDimensionName(uint8_t level) {
  const LevelNames* names = FindLevel(level);
  return names == nullptr ? "" : names->id;
}

absl::string_view StatusFilterField(uint8_t level) {
  const LevelNames* names = FindLevel(level);
  return names == nullptr ? "" : names->status_filter;
}

std::string LevelList(uint8_t levels) {
  std::vector<absl::string_view> names;
  for (const LevelNames& level : kLevels) {
    if ((levels & level.level) != 0) names.push_back(level.name);
  }
  if (names.size() < 2) return absl::StrJoin(names, "");
  const absl::string_view last = names.back();
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " or ", last);
}

std::vector<std::string> StreamLimits(const StreamSpec& stream) {
  switch (stream.kind) {
    case StreamKind::kReport:
      return ReportLimits(stream);
    case StreamKind::kEntity:
      return EntityLimits(stream);
    case StreamKind::kTree:
      return {absl::StrCat("one answer holds the whole set (", stream.section, ")")};
  }
  return {};
}

absl::string_view EvidenceName(Evidence evidence) {
  switch (evidence) {
    case Evidence::kConfirmed:
      return "confirmed";
    case Evidence::kOneSource:
      return "one source";
    case Evidence::kUnconfirmed:
      return "unconfirmed";
  }
  return "";
}

absl::string_view LagName(Lag lag) {
  switch (lag) {
    case Lag::kFast:
      return "30 minutes";
    case Lag::kHours11:
      return "11 hours";
    case Lag::kHours16:
      return "16 hours";
    case Lag::kHours24:
      return "24 hours";
    case Lag::kHours48:
      return "48 hours";
  }
  return "";
}

}  // namespace tikhaul
