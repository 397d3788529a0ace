// The finality rule of an extract in an account's zone.
#ifndef TIKHAUL_COORDINATOR_FINALITY_RULE_H_
#define TIKHAUL_COORDINATOR_FINALITY_RULE_H_

#include "absl/time/time.h"
#include "coordinator/core/finality.h"
#include "coordinator/extract_registry.h"

namespace tikhaul {

inline FinalityRule RuleFor(const RegisteredExtract& extract, absl::TimeZone zone) {
  FinalityRule rule{.zone = zone, .lag = extract.lag, .audience = extract.audience};
  if (extract.spec.look_back_auto()) rule.settle_days = static_cast<int>(extract.spec.look_back_limit_days());
  return rule;
}

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_FINALITY_RULE_H_
