// The report that tells whether an advertiser was active at all.
#ifndef TIKHAUL_COMMON_CATALOG_ACTIVITY_REQUEST_H_
#define TIKHAUL_COMMON_CATALOG_ACTIVITY_REQUEST_H_

#include <string>

#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "tikhaul/v1/config.pb.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// Figures of each advertiser (at most 5, all of one connection) for [first, last], or for each of its days: everything
// that makes a row in any report, at the level that counts deleted objects and all buying types, too (tiktok-api.md
// 4.1, 4.5). Without a time dimension an advertiser without figures comes back as a row of zeros (4.2).
v1::ApiRequest ActivityRequest(absl::Span<const std::string> advertisers, absl::CivilDay first, absl::CivilDay last,
                               bool by_day);
// The names of the figures in it.
absl::Span<const absl::string_view> ActivityMetrics();

// Whether zeros in all those figures prove that a window of the extract has no rows. Not so where the API gives rows of
// zeros (no dimension beside the id), and not relied upon where rows stand for other things than what an advertiser's
// totals count (assets and SKAN postbacks as dimensions, figures that totals do not offer).
bool ZerosMeanNoRows(const v1::Extract& extract);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_ACTIVITY_REQUEST_H_
