// A report extract's names, looked up. Used by the files of this folder only.
#ifndef TIKHAUL_COMMON_CATALOG_REPORT_PARTS_H_
#define TIKHAUL_COMMON_CATALOG_REPORT_PARTS_H_

#include <vector>

#include "common/catalog/catalog.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

struct ReportParts {
  uint8_t level = 0;                    // 0: not a level
  const DimensionSpec* id = nullptr;    // that of the level, or ad_id_v2 where it is asked for
  const DimensionSpec* time = nullptr;  // nullptr: none
  std::vector<const DimensionSpec*>
      breakdowns;                          // the others, in catalogue order, so that a table does not depend on theirs
  std::vector<const MetricSpec*> metrics;  // as asked for

  // id, time, breakdowns.
  std::vector<const DimensionSpec*> Dimensions() const;
};

// Names that the stream does not know are left out.
ReportParts PartsOf(const StreamSpec& stream, const v1::Extract& extract);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_REPORT_PARTS_H_
