#include "common/catalog/column_groups.h"

namespace tikhaul {
namespace {

constexpr size_t kMostMetrics = 100;
constexpr size_t kMostEncodedBytes = 4000;  // of all names in a query
constexpr size_t kQuotedExtra = 9;          // %22 around each and %2C behind

}  // namespace

std::vector<std::vector<const MetricSpec*>> ColumnGroups(const std::vector<const MetricSpec*>& metrics) {
  std::vector<std::vector<const MetricSpec*>> groups(1);
  size_t bytes = 0;
  for (const MetricSpec* metric : metrics) {
    const size_t needed = metric->name.size() + kQuotedExtra;
    if (groups.back().size() == kMostMetrics || bytes + needed > kMostEncodedBytes) {
      groups.emplace_back();
      bytes = 0;
    }
    groups.back().push_back(metric);
    bytes += needed;
  }
  return groups;
}

}  // namespace tikhaul
