// What follows when days of an extract and advertiser are known to be complete.
#ifndef TIKHAUL_COORDINATOR_COMMITTED_DAYS_H_
#define TIKHAUL_COORDINATOR_COMMITTED_DAYS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Adds `days` to the coverage of an extract of days and moves its cursor. Their ledger entry must be there already.
// `zone`: of the account.
absl::Status CommitDays(StoreTransaction& tx, const RegisteredExtract& extract, absl::TimeZone zone,
                        const std::string& advertiser, Coverage days, absl::Time now);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_COMMITTED_DAYS_H_
