// The finality rule of an extract in an account's zone.
#ifndef TIKHAUL_COORDINATOR_FINALITY_RULE_H_
#define TIKHAUL_COORDINATOR_FINALITY_RULE_H_

#include "absl/time/time.h"
#include "coordinator/core/finality.h"
#include "coordinator/extract_registry.h"

namespace tikhaul {

inline FinalityRule RuleFor(const RegisteredExtract& extract, absl::TimeZone zone) {
  return FinalityRule{.zone = zone, .lag = extract.lag, .audience = extract.audience};
}

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_FINALITY_RULE_H_
