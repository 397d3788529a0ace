// Makes one account out of its profile.
#ifndef TIKHAUL_SIMULATOR_ACCOUNT_BUILDER_H_
#define TIKHAUL_SIMULATOR_ACCOUNT_BUILDER_H_

#include <cstdint>

#include "absl/time/civil_time.h"
#include "simulator/data_set.h"

namespace tikhaul::simulator {

// `number` tells the accounts of a data set apart and becomes part of all ids. Pure.
Account BuildAccount(const AccountProfile& profile, uint64_t seed, uint32_t number, absl::CivilDay anchor);
// The id that account will have.
uint64_t AccountId(const AccountProfile& profile, uint32_t number, absl::CivilDay anchor);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ACCOUNT_BUILDER_H_
