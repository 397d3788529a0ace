// Where the ids come from by which a report's requests can be narrowed. Used by the files of this folder only.
#ifndef TIKHAUL_COMMON_CATALOG_ID_LISTINGS_H_
#define TIKHAUL_COMMON_CATALOG_ID_LISTINGS_H_

#include "common/catalog/report_parts.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// Sets plan.listings(), coarse to fine: campaigns, then ad groups, then ads. They hold deleted objects, all buying
// types and those of the phone app (tiktok-api.md 6.1), and only ids that the extract's own filters let pass. None for
// level advertiser, which has no objects.
void PlanListings(const v1::Extract& extract, const ReportParts& parts, v1::ReadPlan& plan);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_ID_LISTINGS_H_
