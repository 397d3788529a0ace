#include "common/catalog/metric_table.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tikhaul {
namespace {

bool Fits(const MetricTrait& trait, const MetricSpec& metric) {
  if (trait.group != metric.group) return false;
  absl::string_view pattern = trait.pattern;
  if (absl::ConsumeSuffix(&pattern, "*")) return absl::StartsWith(metric.name, pattern);
  return metric.name == pattern;
}

void ApplyTraits(MetricSpec& metric) {
  for (const MetricTrait& trait : MetricTraits()) {
    if (!Fits(trait, metric)) continue;
    metric.levels = trait.levels;
    metric.lag = trait.lag;
    metric.note = trait.note;
    metric.only_with = trait.only_with;
    metric.exclusive = trait.exclusive;
    return;
  }
}

}  // namespace

std::vector<MetricSpec> ExpandMetrics(absl::Span<const MetricGroup> groups) {
  std::vector<MetricSpec> metrics;
  for (const MetricGroup& group : groups) {
    const struct {
      absl::string_view names;
      ColumnType type;
    } kinds[] = {{group.counts, ColumnType::kInt64},
                 {group.decimals, ColumnType::kDecimal},
                 {group.texts, ColumnType::kString},
                 {group.flags, ColumnType::kBool}};
    for (const auto& kind : kinds) {
      for (absl::string_view name : absl::StrSplit(kind.names, ' ', absl::SkipEmpty())) {
        MetricSpec metric{.name = name, .type = kind.type, .group = group.name};
        ApplyTraits(metric);
        metrics.push_back(metric);
      }
    }
  }
  return metrics;
}

}  // namespace tikhaul
