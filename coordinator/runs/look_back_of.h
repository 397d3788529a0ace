// The look-back in force for an extract and advertiser.
#ifndef TIKHAUL_COORDINATOR_RUNS_LOOK_BACK_OF_H_
#define TIKHAUL_COORDINATOR_RUNS_LOOK_BACK_OF_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/core/look_back.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// As configured, or learned where the extract says `look_back: auto`. `zone` is the account's.
absl::StatusOr<LookBack> LookBackOf(StoreReader& reader, const RegisteredExtract& extract,
                                    const std::string& advertiser, absl::TimeZone zone, absl::Time now);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_RUNS_LOOK_BACK_OF_H_
