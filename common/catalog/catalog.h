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
  kReport,  // figures by dimensions
  kEntity,  // objects: ads, pictures, accounts
  kTree,    // the same words for all accounts, replaced at each read
};

// How sure the facts about a stream are (the sheet's marks).
enum class Evidence : uint8_t { kConfirmed /* two or more sources */, kOneSource, kUnconfirmed };

// What a list of objects takes in `filtering`, as bits of a mask (sections 6.1, 8).
enum ListFilter : uint8_t {
  kNoFilter = 0,
  kStatusFilter = 1,    // primary_status: deleted objects are listed, too
  kCreationFilter = 2,  // creation_filter_start_time and creation_filter_end_time
  kOriginFilter = 4,    // campaign_system_origins: objects of the phone app are hidden by default
};

enum class DimensionKind : uint8_t { kId, kTime, kTargeting, kAsset, kSearch, kSkan };

// A request holds one id dimension, at most one time dimension and at most one other, its partner apart; beside
// stat_time_hour no other is known to be answered (section 4.2).
struct DimensionSpec {
  absl::string_view name = {};
  ColumnType type = ColumnType::kString;
  DimensionKind kind = DimensionKind::kTargeting;
  uint8_t levels = kAllLevels;
  Lag lag = Lag::kFast;
  bool with_time = true;           // may stand beside a time dimension
  absl::string_view note = {};     // for people
  absl::string_view alias = {};    // another name under which the API may answer
  bool with_lifetime = true;       // may stand in a lifetime report
  absl::string_view partner = {};  // the one other breakdown that may stand beside it
  bool needs_partner = false;
};

struct MetricSpec {
  absl::string_view name = {};
  ColumnType type = ColumnType::kDecimal;
  absl::string_view group = {};  // "core", "video", ...
  uint8_t levels = kAllLevels;
  Lag lag = Lag::kFast;
  absl::string_view note = {};
  absl::string_view only_with = {};  // a dimension that must be there
  bool exclusive = false;            // and no breakdown beside it
};

// Which metrics may stand beside a dimension (section 4.6). `picks` is a list of words, the first that fits a metric
// decides; a metric that none fits is refused. "video": the group; "app:purchase": metrics of the group with that in
// their name;
// "=spend": this metric; "*": every one; a leading "-" refuses.
struct MetricRule {
  absl::string_view dimension = {};
  absl::string_view picks = {};
  absl::string_view note = {};  // the rule as a sentence, for people
};

// A setting of a stream beside the ones all streams have: Extract.options. Sent as the parameter of this name.
struct OptionSpec {
  enum Kind : uint8_t {
    kWord,    // one of `values`
    kId,      // digits
    kIdList,  // a JSON array of one id
  };
  absl::string_view name = {};
  absl::string_view values = {};  // the legal ones, blank between them
  absl::string_view note = {};
  Kind kind = kWord;
  bool required = false;
};

struct FieldSpec {
  absl::string_view name = {};
  ColumnType type = ColumnType::kString;
  bool key = false;
  bool is_volatile = false;  // signed URLs: another text at every read (section 9, item 11)
};

struct PresetSpec {
  absl::string_view name = {};
  absl::Span<const absl::string_view> metrics = {};
};

struct StreamSpec {
  absl::string_view name = {};  // "basic_report", "adverts"
  absl::string_view title = {};
  StreamKind kind = StreamKind::kReport;
  absl::string_view path = {};         // "report/integrated/get/"
  absl::string_view rows_member = {};  // member of `data` that holds the rows
  bool paged = true;
  uint32_t page_size = 1000;
  uint32_t reach = 0;              // rows that paging can reach, the newest; 0: all
  absl::string_view section = {};  // of tiktok-api.md
  Evidence evidence = Evidence::kConfirmed;
  absl::string_view evidence_note = {};  // what of it is less sure, for people
  bool in_sandbox = false;
  absl::Span<const PresetSpec> presets = {};
  absl::Span<const OptionSpec> options = {};
  WriteMode default_mode = WriteMode::kMerge;
  uint32_t default_backfill_days = 0;  // 0: all

  // Reports.
  absl::string_view report_type = {};  // "BASIC", "AUDIENCE"; empty: neither it nor data_level nor filters are sent
  uint8_t levels = kAllLevels;
  absl::Span<const DimensionSpec> dimensions = {};
  absl::Span<const MetricSpec> metrics = {};
  absl::Span<const MetricRule> metric_rules = {};
  bool needs_breakdown = false;  // a dimension beside id and time must be there
  bool needs_time = false;       // a time dimension must be there
  bool lifetime = false;         // may be asked for totals since ever
  // Metrics that asynchronous reports do not answer, beside a dimension or (dimension empty) always.
  absl::Span<const MetricRule> task_rules = {};

  // Lists of objects.
  absl::Span<const FieldSpec> fields = {};
  absl::Span<const absl::string_view> left_out = {};  // members that are known and not kept
  bool repeats_advertiser = false;      // rows hold advertiser_id; elsewhere it is stamped from the request
  bool advertiser_in_list = false;      // asked for as advertiser_ids, an array
  uint8_t filters = kNoFilter;          // ListFilter
  absl::string_view fixed_filter = {};  // JSON object: what `filtering` always holds
  bool created_windows = false;         // always read in windows of creation time; otherwise only up to a given depth
  uint32_t top_view_page_size = 0;      // of the second sweep, for RESERVATION_TOP_VIEW; 0: there is none
};

absl::Span<const StreamSpec> Streams();
// nullptr for unknown names.
const StreamSpec* FindStream(absl::string_view name);
const DimensionSpec* FindDimension(const StreamSpec& stream, absl::string_view name);
const MetricSpec* FindMetric(const StreamSpec& stream, absl::string_view name);

// nullptr when the metric may stand beside the dimension; otherwise the rule that refuses it.
const MetricRule* RefusingRule(const StreamSpec& stream, const MetricSpec& metric, absl::string_view dimension);

// The same for asynchronous reports, which answer less; an empty `dimension`: whatever stands beside it.
const MetricRule* RefusingTaskRule(const StreamSpec& stream, const MetricSpec& metric, absl::string_view dimension);

// "advertiser", "campaign", "ad_group", "ad"; 0 for other names.
uint8_t LevelFromName(absl::string_view name);
absl::string_view LevelName(uint8_t level);
// "AUCTION_AD" and its like (section 4.1).
absl::string_view DataLevelName(uint8_t level);
// "advertiser_id", "campaign_id", "adgroup_id", "ad_id".
absl::string_view IdDimensionName(uint8_t level);
// The filter field with which a report asks for deleted objects of its own level, too (section 4.5): "ad_status" and
// its like; empty at level advertiser, which counts them always.
absl::string_view StatusFilterField(uint8_t level);
// "campaign, ad_group or ad": the levels of a mask, for messages.
std::string LevelList(uint8_t levels);
// Sentences about spans, page sizes and ids, for people.
std::vector<std::string> StreamLimits(const StreamSpec& stream);
absl::string_view LagName(Lag lag);
// "confirmed", "one source", "unconfirmed".
absl::string_view EvidenceName(Evidence evidence);

// Of `candidates`, the nearest to `word` in spelling, if any is near enough to be what was meant; else empty.
std::string NearestWord(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_CATALOG_H_
