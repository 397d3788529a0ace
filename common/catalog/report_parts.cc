#include "common/catalog/report_parts.h"

#include <algorithm>

namespace tikhaul {

std::vector<const DimensionSpec*> ReportParts::Dimensions() const {
  std::vector<const DimensionSpec*> dimensions;
  if (id != nullptr) dimensions.push_back(id);
  if (time != nullptr) dimensions.push_back(time);
  dimensions.insert(dimensions.end(), breakdowns.begin(), breakdowns.end());
  return dimensions;
}

ReportParts PartsOf(const StreamSpec& stream, const v1::Extract& extract) {
  ReportParts parts;
  parts.level = LevelFromName(extract.level());
  parts.id = FindDimension(stream, IdDimensionName(parts.level));
  for (const DimensionSpec& dimension : stream.dimensions) {
    const auto& asked = extract.dimensions();
    if (std::find(asked.begin(), asked.end(), dimension.name) == asked.end()) continue;
    if (dimension.kind == DimensionKind::kTime) {
      parts.time = &dimension;
    } else if (dimension.kind == DimensionKind::kId) {
      if (dimension.levels == parts.level) parts.id = &dimension;
    } else {
      parts.breakdowns.push_back(&dimension);
    }
  }
  for (const std::string& name : extract.metrics()) {
    if (const MetricSpec* metric = FindMetric(stream, name); metric != nullptr) parts.metrics.push_back(metric);
  }
  return parts;
}

}  // namespace tikhaul
