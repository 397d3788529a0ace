// What can be extracted: streams, dimensions, metrics, types, keys, legality and limits. Data from tiktok-api.md; the
// section is named beside each table. Adding a metric or a stream adds a line of data.
#ifndef TIKHAUL_COMMON_CATALOG_CATALOG_H_
#define TIKHAUL_COMMON_CATALOG_CATALOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/model/row_batch.h"
#include "common/model/table.h"
#include "common/model/window.h"

namespace tikhaul {

// Data levels, as bits of a mask.
enum Level : uint8_t { kAdvertiserLevel = 1, kCampaignLevel = 2, kAdGroupLevel = 4, kAdLevel = 8, kAllLevels = 15 };

// How late figures are (section 4.8).
enum class Lag : uint8_t { kFast /* 30 minutes */, kHours11, kHours16, kHours24, kHours48 };

enum class StreamKind : uint8_t {
  kReport,  // report/integrated/get/
  kEntity,  // campaign/get/ and its like: paged lists with create_time
  kTree,    // one answer holds the whole set
};

enum class DimensionKind : uint8_t { kId, kTime, kTargeting, kAsset, kSearch, kSkan };

struct DimensionSpec {
  absl::string_view name;
  ColumnType type = ColumnType::kString;
  DimensionKind kind = DimensionKind::kTargeting;
  uint8_t levels = kAllLevels;
  Lag lag = Lag::kFast;
  bool with_time = true;      // may stand beside a time dimension
  absl::string_view note;     // for people
  absl::string_view alias;    // another name under which the API may answer
  // more members are free to be added by the data's author (hour, lifetime, country rules ...)
  bool with_hour = true;      // may stand beside stat_time_hour
  bool with_lifetime = true;  // may stand in a lifetime report
};

struct MetricSpec {
  absl::string_view name;
  ColumnType type = ColumnType::kDecimal;
  absl::string_view group;    // "core", "video", ...
  uint8_t levels = kAllLevels;
  Lag lag = Lag::kFast;
  absl::string_view note;
};

struct FieldSpec {
  absl::string_view name;
  ColumnType type = ColumnType::kString;
  bool key = false;
};

struct PresetSpec {
  absl::string_view name;
  absl::Span<const absl::string_view> metrics;
};

struct StreamSpec {
  absl::string_view name;         // basic_report, audience_report, adverts, ad_groups, campaigns, interest_categories
  absl::string_view title;
  StreamKind kind = StreamKind::kReport;
  absl::string_view path;         // "report/integrated/get/"
  absl::string_view report_type;  // "BASIC", "AUDIENCE"
  absl::string_view rows_member;  // member of `data` that holds the rows
  bool paged = true;
  uint32_t page_size = 1000;
  absl::Span<const DimensionSpec> dimensions;
  absl::Span<const MetricSpec> metrics;
  absl::Span<const PresetSpec> presets;
  absl::Span<const FieldSpec> fields;
  WriteMode default_mode = WriteMode::kMerge;
  uint32_t default_backfill_days = 730;  // 0: all
  absl::string_view section;      // of tiktok-api.md
};

absl::Span<const StreamSpec> Streams();
// nullptr for unknown names.
const StreamSpec* FindStream(absl::string_view name);
const DimensionSpec* FindDimension(const StreamSpec& stream, absl::string_view name);
const MetricSpec* FindMetric(const StreamSpec& stream, absl::string_view name);

// "advertiser", "campaign", "ad_group", "ad"; 0 for other names.
uint8_t LevelFromName(absl::string_view name);
absl::string_view LevelName(uint8_t level);
// Sentences about spans, page sizes and ids, for people.
std::vector<std::string> StreamLimits(const StreamSpec& stream);
absl::string_view LagName(Lag lag);

// Of `candidates`, the nearest to `word` in spelling, if any is near enough to be what was meant; else empty.
std::string NearestWord(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_CATALOG_H_
