// What each metric is, where it is legal and how its figure comes about (tiktok-api.md 4.6).
#ifndef TIKHAUL_SIMULATOR_METRICS_H_
#define TIKHAUL_SIMULATOR_METRICS_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "simulator/level.h"
#include "simulator/metrics_data.h"

namespace tikhaul::simulator {

// The figures of one ad on one day from which all others follow.
enum class Base : uint8_t {
  kImpressions,
  kClicks,
  kSpend,  // minor units
  kConversions,
  kRealTimeConversions,
  kResults,
  kRealTimeResults,
};

enum class Op : uint8_t {
  kAdditive,   // a share of a base figure of each ad and day, summed up
  kReach,      // a share of the row's impressions: cannot be summed
  kRatio,      // one figure over another
  kAttribute,  // of the object
  kNothing,    // "-"
};

// Where attribute metrics come from.
enum class Attribute : uint8_t {
  kFixed,  // one of `text`'s alternatives, by the object's seed
  kAdvertiserName,
  kAdvertiserId,
  kCampaignName,
  kCampaignId,
  kObjective,
  kAdGroupName,
  kAdGroupId,
  kAdName,
  kAdId,
  kAdText,
  kCurrency,
  kCampaignBudget,
  kAdGroupBudget,
  kBid,
};

struct Metric {
  std::string name;
  MetricGroup group = MetricGroup::kCore;
  MetricKind kind = MetricKind::kCount;
  uint8_t levels = kEveryLevel;
  bool basic = true;
  bool audience = false;
  Op op = Op::kAdditive;

  // Op::kAdditive: base * share / divisor, the share between low and high by hash.
  Base base = Base::kImpressions;
  uint32_t low = 100'000, high = 100'000, divisor = 100'000;
  bool some_ads_only = false;  // zero for three of four ads
  bool money = false;          // minor units of the currency
  int lag_hours = 0;           // after the end of the day; 0 is near real time
  uint64_t salt = 0;

  // Op::kRatio: over * scale / under, rounded to `places`. Money figures count in whole units of the currency.
  const Metric* over = nullptr;
  const Metric* under = nullptr;
  int64_t scale = 1;
  int64_t under_scale = 1;  // multiplies `under` (milliseconds to seconds)
  int places = 2;
  bool null_without_base = false;  // null instead of zero when `under` is zero

  // Op::kAttribute.
  Attribute attribute = Attribute::kFixed;
  absl::string_view text;
};

// All metrics. Immutable, made once, lives for ever.
class MetricTable {
 public:
  static const MetricTable& Get();
  // nullptr for names that no report type knows. Never gives the internal ones.
  const Metric* Find(absl::string_view name) const;
  const std::deque<Metric>& all() const { return metrics_; }

 private:
  MetricTable();
  Metric& Add(absl::string_view name, MetricGroup group, MetricKind kind);
  // An additive figure that is no metric of its own.
  Metric& Hidden(absl::string_view name, Base base, uint32_t low, uint32_t high, uint32_t divisor);
  void AddNames();
  void MarkAudience();
  void ApplyAttributes();
  void ApplyAdditives();
  void ApplyRatios();
  void GuessAdditive(Metric& metric);
  void GuessRatio(Metric& metric);
  const Metric* CountFor(absl::string_view stem);
  void MakeRatio(Metric& metric, const Metric* over, const Metric* under, int64_t scale, int places);
  Metric* Known(absl::string_view name);

  std::deque<Metric> metrics_;
  absl::flat_hash_map<std::string, Metric*> by_name_;
  absl::flat_hash_map<std::string, bool> settled_;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_METRICS_H_
