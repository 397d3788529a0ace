// Narrowing requests by ids: what helps when a report looks at its newest 20,000 objects only (tiktok-api.md 4.9), or
// cannot be answered in time or in size. ReadPlan.listings says where the ids come from.
#ifndef TIKHAUL_COMMON_CATALOG_SLICES_H_
#define TIKHAUL_COMMON_CATALOG_SLICES_H_

#include <string>
#include <vector>

#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

inline constexpr size_t kMostFilterIds = 100;  // of one filter (tiktok-api.md 4.5, 6.1)

// A report's request for what lies below these ids. `field` is the filter_field of a listing; an IN filter on it is
// replaced.
v1::ApiRequest NarrowReport(const v1::ApiRequest& request, const std::string& field,
                            const std::vector<std::string>& ids);
// A list's request for these objects, or for the children of them.
v1::ApiRequest NarrowListing(const v1::ApiRequest& request, const std::string& field,
                             const std::vector<std::string>& ids);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_SLICES_H_
