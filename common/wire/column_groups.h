// Column groups of a read plan (ReadPlan.groups): what the batches of each hold.
#ifndef TIKHAUL_COMMON_WIRE_COLUMN_GROUPS_H_
#define TIKHAUL_COMMON_WIRE_COLUMN_GROUPS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// At least 1.
inline uint32_t GroupsOf(const v1::ReadPlan& plan) { return std::max(plan.groups(), 1u); }

// The columns that rows of the group bring, in the plan's order.
inline std::vector<const v1::ColumnPlan*> ColumnsOfGroup(const v1::ReadPlan& plan, uint32_t group) {
  std::vector<const v1::ColumnPlan*> columns;
  for (const v1::ColumnPlan& column : plan.columns()) {
    if (column.key() || column.group() == group) columns.push_back(&column);
  }
  return columns;
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_WIRE_COLUMN_GROUPS_H_
