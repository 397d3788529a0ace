#include "simulator/metrics.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/digest.h"
#include "simulator/metrics_rules.h"

namespace tikhaul::simulator {

const MetricTable& MetricTable::Get() {
  static const MetricTable* table = new MetricTable;
  return *table;
}

MetricTable::MetricTable() {
  AddNames();
  MarkAudience();
  ApplyAttributes();
  ApplyAdditives();
  ApplyRatios();
  for (size_t i = 0; i < metrics_.size(); ++i) {  // grows while figures behind ratios are added
    Metric& metric = metrics_[i];
    if (settled_[metric.name]) continue;
    settled_[metric.name] = true;
    if (metric.kind == MetricKind::kCount) {
      GuessAdditive(metric);
    } else {
      GuessRatio(metric);
    }
  }
}

const Metric* MetricTable::Find(absl::string_view name) const {
  const auto it = by_name_.find(std::string(name));
  return it == by_name_.end() || absl::StartsWith(name, "#") ? nullptr : it->second;
}

Metric* MetricTable::Known(absl::string_view name) {
  const auto it = by_name_.find(std::string(name));
  return it == by_name_.end() ? nullptr : it->second;
}

Metric& MetricTable::Add(absl::string_view name, MetricGroup group, MetricKind kind) {
  if (Metric* known = Known(name)) return *known;
  Metric& metric = metrics_.emplace_back();
  metric.name = std::string(name);
  metric.group = group;
  metric.kind = kind;
  metric.salt = StableHash(name, 0x5a17);
  by_name_[metric.name] = &metric;
  return metric;
}

Metric& MetricTable::Hidden(absl::string_view name, Base base, uint32_t low, uint32_t high, uint32_t divisor) {
  Metric& metric = Add(absl::StrCat("#", name), MetricGroup::kCore, MetricKind::kCount);
  metric.base = base;
  metric.low = low;
  metric.high = high;
  metric.divisor = divisor;
  settled_[metric.name] = true;
  return metric;
}

void MetricTable::AddNames() {
  for (const MetricNames& names : BasicMetricNames()) {
    for (absl::string_view name : absl::StrSplit(names.names, ' ', absl::SkipEmpty()))
      Add(name, names.group, names.kind);
  }
}

void MetricTable::MarkAudience() {
  for (absl::string_view name : absl::StrSplit(AudienceMetricNames(), ' ', absl::SkipEmpty())) {
    Metric* metric = Known(name);
    if (metric == nullptr) {  // rf_campaign_type: audience reports only
      metric = &Add(name, MetricGroup::kAttribute, MetricKind::kText);
      metric->basic = false;
    }
    metric->audience = true;
  }
}

void MetricTable::ApplyAttributes() {
  for (const AttributeRule& rule : AttributeRules()) {
    Metric* metric = Known(rule.name);
    metric->op = Op::kAttribute;
    metric->levels = rule.levels;
    metric->attribute = rule.attribute;
    metric->text = rule.text;
    settled_[metric->name] = true;
  }
}

void MetricTable::ApplyAdditives() {
  for (const AdditiveRule& rule : AdditiveRules()) {
    Metric& metric = Add(rule.name, MetricGroup::kCore, MetricKind::kCount);
    metric.op = rule.op;
    metric.base = rule.base;
    metric.low = rule.low;
    metric.high = rule.high;
    metric.money = rule.money;
    metric.lag_hours = rule.lag_hours;
    metric.levels = rule.levels;
    settled_[metric.name] = true;
  }
}

void MetricTable::MakeRatio(Metric& metric, const Metric* over, const Metric* under, int64_t scale, int places) {
  metric.op = Op::kRatio;
  metric.over = over;
  metric.under = under;
  metric.scale = scale;
  metric.places = places;
  metric.money = over->money && !under->money;
}

void MetricTable::ApplyRatios() {
  for (const RatioRule& rule : RatioRules()) {
    Metric* metric = Known(rule.name);
    MakeRatio(*metric, Known(rule.over), Known(rule.under), rule.scale, rule.places);
    metric->null_without_base = rule.null_without_base;
    metric->under_scale = rule.under_scale;
    settled_[metric->name] = true;
  }
}

// Counts of events: a share of the conversions, for some of the ads.
void MetricTable::GuessAdditive(Metric& metric) {
  metric.base = Base::kConversions;
  metric.low = 2'000;
  metric.high = 60'000;
  metric.some_ads_only = true;
}

// Finds the count that a name such as cost_per_<stem> speaks of; makes one up when the sheet has none.
const Metric* MetricTable::CountFor(absl::string_view stem) {
  const std::string candidates[] = {std::string(stem),
                                    absl::StrCat(stem, "s"),
                                    absl::StrCat("total_", stem),
                                    absl::StrCat("onsite_", stem),
                                    absl::StrCat(stem, "_events"),
                                    absl::StrCat(stem, "_event_count")};
  for (const std::string& candidate : candidates) {
    const Metric* metric = Known(candidate);
    if (metric != nullptr && metric->kind == MetricKind::kCount) return metric;
  }
  Metric& made = Hidden(stem, Base::kConversions, 2'000, 60'000, 100'000);
  made.some_ads_only = true;
  return &made;
}

void MetricTable::GuessRatio(Metric& metric) {
  const Metric* spend = Known("spend");
  const std::string& name = metric.name;
  // "value" names are sums of money, whatever they end in (total_complete_payment_rate, tiktok-api.md 4.7).
  const bool value = absl::StrContains(name, "total_") && !absl::StrContains(name, "cost_");
  if (absl::StrContains(name, "roas")) {
    Metric& revenue = Hidden(name, Base::kConversions, 500, 4'000, 1);
    revenue.money = true;
    MakeRatio(metric, &revenue, spend, 1, 2);
  } else if (absl::StrContains(name, "cost_")) {
    const std::string stem = absl::StrReplaceAll(name, {{"cost_per_", ""}, {"cost_pre_", ""}, {"cost_", ""}});
    MakeRatio(metric, spend, CountFor(stem), 1, metric.salt % 4 == 0 ? 4 : 2);
  } else if (absl::StrContains(name, "value_per_")) {
    Metric& worth = Hidden(name, Base::kConversions, 500, 4'000, 1);
    worth.money = true;
    MakeRatio(metric, &worth, CountFor(absl::StrReplaceAll(name, {{"avg_value_per_", ""}, {"value_per_", ""}})), 1, 2);
  } else if ((absl::EndsWith(name, "_rate") || absl::EndsWith(name, "_ctr")) && !value) {
    MakeRatio(metric, CountFor(name.substr(0, name.rfind('_'))), Known("impressions"), 100, 2);
  } else if (absl::EndsWith(name, "_avg")) {
    MakeRatio(metric, &Hidden(name, Base::kClicks, 100'000, 900'000, 100'000), Known("clicks"), 1, 2);
  } else {
    metric.base = Base::kConversions;
    metric.low = 300;
    metric.high = 3'000;
    metric.divisor = 1;
    metric.money = true;
    metric.some_ads_only = true;
  }
}

}  // namespace tikhaul::simulator
