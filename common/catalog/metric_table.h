// The compact form in which metric lists are written down, and its expansion. Used by the data files of this folder
// only.
#ifndef TIKHAUL_COMMON_CATALOG_METRIC_TABLE_H_
#define TIKHAUL_COMMON_CATALOG_METRIC_TABLE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/catalog/catalog.h"

namespace tikhaul {

// A group of metrics as the fact sheet prints it (section 4.6): names by kind, one blank between them.
struct MetricGroup {
  absl::string_view name = {};
  absl::string_view counts = {};    // whole numbers: kInt64
  absl::string_view decimals = {};  // kDecimal
  absl::string_view texts = {};     // kString
  absl::string_view flags = {};     // kBool
};

// What sets metrics apart from the rest of their group. The first trait that fits a metric counts.
struct MetricTrait {
  absl::string_view group = {};
  absl::string_view pattern = {};  // a name; one that ends in "*" stands for all that begin so
  uint8_t levels = kAllLevels;
  Lag lag = Lag::kFast;
  absl::string_view note = {};
  absl::string_view only_with = {};
  bool exclusive = false;
};

absl::Span<const MetricTrait> MetricTraits();  // metric_traits.cc

// The specs in the order of the groups, traits applied. They refer to the text of `groups`, which must outlive them.
std::vector<MetricSpec> ExpandMetrics(absl::Span<const MetricGroup> groups);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_METRIC_TABLE_H_
