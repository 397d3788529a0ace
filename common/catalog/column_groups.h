// How many metrics one report request may carry. Used by the files of this folder only.
#ifndef TIKHAUL_COMMON_CATALOG_COLUMN_GROUPS_H_
#define TIKHAUL_COMMON_CATALOG_COLUMN_GROUPS_H_

#include <vector>

#include "common/catalog/catalog.h"

namespace tikhaul {

// `metrics` cut, in their order, into the groups that are asked for in requests of their own (tiktok-api.md 4.1: at
// most 100 names). A group is also short enough for its request to fit into a request line of 8 KiB, the least that
// HTTP servers are known to take, beside a filter by as many ids as are allowed. Never empty.
std::vector<std::vector<const MetricSpec*>> ColumnGroups(const std::vector<const MetricSpec*>& metrics);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_COLUMN_GROUPS_H_
