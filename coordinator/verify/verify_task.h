// One extract and advertiser to be verified.
#ifndef TIKHAUL_COORDINATOR_VERIFY_VERIFY_TASK_H_
#define TIKHAUL_COORDINATOR_VERIFY_VERIFY_TASK_H_

#include <cstdint>
#include <optional>

#include "absl/time/civil_time.h"
#include "common/model/chunk.h"
#include "coordinator/extract_registry.h"

namespace tikhaul {

struct VerifyTask {
  const RegisteredExtract* extract = nullptr;
  Advertiser advertiser;
  std::optional<absl::CivilDay> first, last;  // days of the account; reports only
  uint32_t search_calls = 100;                // for finding the places of differences, all together
  bool sandbox = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_VERIFY_TASK_H_
