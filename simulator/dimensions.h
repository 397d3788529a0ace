// The dimensions of reports, where they are legal (tiktok-api.md 4.2) and their values.
#ifndef TIKHAUL_SIMULATOR_DIMENSIONS_H_
#define TIKHAUL_SIMULATOR_DIMENSIONS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "simulator/data_set.h"
#include "simulator/metrics.h"

namespace tikhaul::simulator {

enum class DimensionKind : uint8_t { kId, kDay, kHour, kBreakdown };

// Which metrics may stand beside a breakdown (tiktok-api.md 4.6, after the table).
enum class MetricSet : uint8_t {
  kAll,  // no source gives a list
  kBasicCountry,
  kSearchTerms,
  kSearchKeyword,
  kAdType,
  kInstantPage,
  kPost,
  kCoreOnly,
  kAudienceCountry,
  kAudienceTag,    // ad_type, hashtag, audience_tags, purchase_intention
  kAudiencePlain,  // gender, age, platform and the rest
};

struct Dimension {
  absl::string_view name;
  bool basic = false;
  bool audience = false;
  DimensionKind kind = DimensionKind::kBreakdown;
  uint8_t levels = kEveryLevel;
  bool with_day = true;
  int lag_hours = 0;
  MetricSet metrics = MetricSet::kAll;
  int empty_percent = 30;         // values that an ad does not reach at all
  absl::string_view values = "";  // "A | B | C"
  int64_t most_objects = 0;       // ids per request, 0: no such limit
};

// nullptr for names that the report type does not know. BASIC and AUDIENCE know some names under different rules.
const Dimension* FindDimension(absl::string_view name, bool audience);
bool SetHolds(MetricSet set, const Metric& metric);
// Whether an asynchronous BASIC report answers the metric beside country_code (tiktok-api.md 4.6).
bool TasksAnswerByCountry(const Metric& metric);

// The values of one or two breakdowns, as cells: all pairs, the first dimension outermost.
class Cells {
 public:
  static constexpr size_t kMost = 64;

  Cells() = default;
  explicit Cells(const std::vector<const Dimension*>& breakdowns);
  size_t size() const { return names_.size(); }
  // The values of the cell, one per breakdown.
  const std::vector<absl::string_view>& Names(size_t cell) const { return names_[cell]; }
  // Shares of the cells in one ad's figures: `ends[k]` is where cell k ends, `ends[size() - 1]` the whole.
  void Shares(const Ad& ad, uint32_t ends[kMost]) const;

 private:
  std::vector<std::vector<absl::string_view>> names_;
  std::vector<uint64_t> salts_;
  uint32_t empty_percent_ = 0;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_DIMENSIONS_H_
