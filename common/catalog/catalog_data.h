// The tables behind Streams(). Used by the files of this folder only.
#ifndef TIKHAUL_COMMON_CATALOG_CATALOG_DATA_H_
#define TIKHAUL_COMMON_CATALOG_CATALOG_DATA_H_

#include <vector>

#include "absl/types/span.h"
#include "common/catalog/catalog.h"

namespace tikhaul {

absl::Span<const MetricSpec> BasicMetrics();     // basic_metrics.cc, section 4.6
absl::Span<const MetricSpec> AudienceMetrics();  // audience_metrics.cc, section 4.6
absl::Span<const PresetSpec> BasicPresets();     // presets.cc
absl::Span<const PresetSpec> AudiencePresets();
absl::Span<const DimensionSpec> BasicDimensions();  // dimensions.cc, section 4.2
absl::Span<const DimensionSpec> AudienceDimensions();
absl::Span<const MetricRule> BasicMetricRules();  // metric_rules.cc, section 4.6
absl::Span<const MetricRule> AudienceMetricRules();
absl::Span<const MetricRule> BasicTaskRules();
absl::Span<const FieldSpec> CampaignFields();  // entity_fields.cc, sections 6.2 to 6.4 and 7.1, without advertiser_id
absl::Span<const FieldSpec> AdGroupFields();
absl::Span<const FieldSpec> AdFields();
absl::Span<const FieldSpec> InterestCategoryFields();
std::vector<StreamSpec> AssetStreams();   // asset_streams.cc, sections 2.3, 7.2 and 8
std::vector<StreamSpec> CampaignKinds();  // campaign_kinds.cc, section 8: Smart+ and GMV Max

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_CATALOG_DATA_H_
