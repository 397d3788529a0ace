// The metric names of tiktok-api.md 4.6, as this simulator knows them. Data only; nothing is shared with the catalogue
// of the connector, so that a slip in one of them shows.
#ifndef TIKHAUL_SIMULATOR_METRICS_DATA_H_
#define TIKHAUL_SIMULATOR_METRICS_DATA_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace tikhaul::simulator {

enum class MetricGroup {
  kAttribute,
  kCore,
  kVideo,
  kClick,
  kSocial,
  kLive,
  kImage,
  kInteractive,
  kInstantPage,
  kAppEvent,
  kWebsiteEvent,
  kOnsite,
  kNativeGrowth,
  kOffline,
  kMessaging,
  kShop,
  kAttribution,
};

enum class MetricKind { kText, kFlag, kCount, kDecimal };

// Names of one group and kind, with blanks between them.
struct MetricNames {
  MetricGroup group;
  MetricKind kind;
  absl::string_view names;
};

// Names of BASIC reports.
absl::Span<const MetricNames> BasicMetricNames();
// Names of AUDIENCE reports, with blanks between them.
absl::string_view AudienceMetricNames();

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_METRICS_DATA_H_
