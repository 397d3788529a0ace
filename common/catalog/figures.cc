#include "common/catalog/figures.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/report_parts.h"
#include "common/catalog/stream_of.h"

namespace tikhaul {
namespace {

// Section 4.6. A word fits a name that holds it; "=name" fits that name alone.
constexpr absl::string_view kNotAdded[] = {"=reach",
                                           "=result",
                                           "=real_time_result",
                                           "=secondary_goal_result",
                                           "=skan_result",
                                           "unique",
                                           "=next_day_open",
                                           "=day7_retention",
                                           "=new_consideration_size",
                                           "cost_",
                                           "_cost",
                                           "rate",
                                           "roas",
                                           "per_",
                                           "avg_",
                                           "average",
                                           "frequency"};
constexpr absl::string_view kAddedMoney[] = {"=spend",         "=billed_cost",   "=cash_spend",
                                             "=voucher_spend", "purchase_value", "=total_complete_payment_rate",
                                             "_revenue_",      "_value_day",     "_value_calendar_day"};

bool Fits(absl::string_view name, absl::string_view word) {
  return absl::StartsWith(word, "=") ? name == word.substr(1) : absl::StrContains(name, word);
}

template <size_t N>
bool FitsExactly(absl::string_view name, const absl::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](absl::string_view word) { return absl::StartsWith(word, "=") && Fits(name, word); });
}
template <size_t N>
bool FitsAny(absl::string_view name, const absl::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words), [&](absl::string_view word) { return Fits(name, word); });
}

// "total_..._value" is the sum of the events' values.
bool IsTotalValue(absl::string_view name) {
  return absl::StrContains(name, "total_") && absl::EndsWith(name, "_value");
}

void SetMetrics(const std::vector<std::string>& metrics, v1::Extract& extract) {
  extract.mutable_metrics()->Assign(metrics.begin(), metrics.end());
}

void HoursAsDays(v1::Extract& extract) {
  for (std::string& dimension : *extract.mutable_dimensions()) {
    if (dimension == "stat_time_hour") dimension = "stat_time_day";
  }
}

std::string NameOfRestriction(const v1::Filter& filter) {
  if (filter.field_name() == "buying_type") return "buying types (filter buying_type)";
  if (filter.field_name() == "campaign_automation_type") return "Smart+ (filter campaign_automation_type)";
  return absl::StrCat("objects outside the filter ", filter.field_name());
}

}  // namespace

bool IsAdditive(const StreamSpec& stream, const MetricSpec& metric) {
  if (metric.group == "attributes") return false;
  if (FitsExactly(metric.name, kAddedMoney)) return true;
  if (FitsAny(metric.name, kNotAdded)) return false;
  if (metric.type == ColumnType::kDecimal) return IsTotalValue(metric.name) || FitsAny(metric.name, kAddedMoney);
  // "purchase" counts people where "total_purchase" counts purchases.
  return metric.type == ColumnType::kInt64 && FindMetric(stream, absl::StrCat("total_", metric.name)) == nullptr;
}

std::vector<std::string> AdditiveMetrics(const v1::Extract& extract) {
  const StreamSpec& stream = StreamOf(extract);
  std::vector<std::string> names;
  for (const std::string& name : extract.metrics()) {
    const MetricSpec* const metric = FindMetric(stream, name);
    if (metric != nullptr && IsAdditive(stream, *metric)) names.push_back(name);
  }
  return names;
}

v1::Extract AtLevel(const v1::Extract& extract, uint8_t level, const std::vector<std::string>& metrics) {
  v1::Extract other = extract;
  other.set_level(std::string(LevelName(level)));
  SetMetrics(metrics, other);
  other.clear_filters();
  other.set_exclude_deleted(false);
  other.clear_dimensions();
  for (const std::string& name : extract.dimensions()) {
    const DimensionSpec* const dimension = FindDimension(StreamOf(extract), name);
    const bool own_id = level == LevelFromName(extract.level());
    if (dimension->kind != DimensionKind::kId || own_id) other.add_dimensions(name);
  }
  HoursAsDays(other);
  return other;
}

uint8_t CoarsestLevel(const v1::Extract& extract, const std::vector<std::string>& metrics) {
  const uint8_t own = LevelFromName(extract.level());
  for (const uint8_t level : {kAdvertiserLevel, kCampaignLevel, kAdGroupLevel}) {
    if (level >= own) break;
    if (CheckExtract(AtLevel(extract, level, metrics)).empty()) return level;
  }
  return own;
}

v1::Extract AsConfigured(const v1::Extract& extract, const std::vector<std::string>& metrics) {
  v1::Extract own = extract;
  SetMetrics(metrics, own);
  HoursAsDays(own);
  return own;
}

std::vector<Restriction> RestrictionsOf(const v1::Extract& extract, const std::vector<std::string>& metrics) {
  std::vector<Restriction> restrictions;
  v1::Extract rest = AsConfigured(extract, metrics);
  while (rest.filters_size() > 0) {
    const std::string what = NameOfRestriction(rest.filters(0));
    rest.mutable_filters()->DeleteSubrange(0, 1);
    restrictions.push_back({.what = what, .without = rest});
  }
  if (rest.exclude_deleted()) {
    rest.set_exclude_deleted(false);
    restrictions.push_back({.what = "deleted objects (include_deleted: false)", .without = rest});
  }
  return restrictions;
}

bool HasTotals(const v1::Extract& extract) {
  return StreamOf(extract).report_type == "BASIC" && BreakdownColumns(extract).empty() && !extract.lifetime();
}

absl::string_view PartialCoverage(const v1::Extract& extract) {
  for (const std::string& column : BreakdownColumns(extract)) {
    if (column == "province_id") return "TikTok leaves some locations out of province_id (tiktok-api.md 4.2)";
    if (absl::StartsWith(column, "interest_category"))
      return "TikTok does not cover all interest categories (tiktok-api.md 4.2)";
  }
  return "";
}

std::vector<std::string> BreakdownColumns(const v1::Extract& extract) {
  std::vector<std::string> columns;
  for (const DimensionSpec* dimension : PartsOf(StreamOf(extract), extract).breakdowns)
    columns.emplace_back(dimension->name);
  return columns;
}

std::string IdColumnOf(const v1::Extract& extract) {
  const ReportParts parts = PartsOf(StreamOf(extract), extract);
  return parts.level == kAdvertiserLevel ? "" : std::string(parts.id->name);
}

}  // namespace tikhaul
