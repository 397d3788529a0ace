// The metrics whose figures are not guessed from their names. Data only.
#ifndef TIKHAUL_SIMULATOR_METRICS_RULES_H_
#define TIKHAUL_SIMULATOR_METRICS_RULES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "simulator/metrics.h"

namespace tikhaul::simulator {

// `levels` are the data levels at which the name may be asked for (tiktok-api.md 4.6). `text`: "a | b", "-" for no
// value,
// "~" for JSON null.
struct AttributeRule {
  absl::string_view name;
  uint8_t levels;
  Attribute attribute;
  absl::string_view text;
};

// Shares are per 100,000 of the base. Names that begin with # are internal.
struct AdditiveRule {
  absl::string_view name;
  Base base;
  uint32_t low, high;
  bool money = false;
  int lag_hours = 0;
  Op op = Op::kAdditive;
  uint8_t levels = kEveryLevel;
};

struct RatioRule {
  absl::string_view name, over, under;
  int64_t scale;
  int places;
  bool null_without_base = false;
  int64_t under_scale = 1;
};

absl::Span<const AttributeRule> AttributeRules();
absl::Span<const AdditiveRule> AdditiveRules();
absl::Span<const RatioRule> RatioRules();

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_METRICS_RULES_H_
