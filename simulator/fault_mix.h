// What a seeded mix of faults is made of.
#ifndef TIKHAUL_SIMULATOR_FAULT_MIX_H_
#define TIKHAUL_SIMULATOR_FAULT_MIX_H_

#include <string>
#include <vector>

namespace tikhaul::simulator {

// One fault of every kind, as JSON; of return codes all that tiktok-api.md 3.5 lists (and one that it does not), or one
// of each class.
std::vector<std::string> MixedFaults(bool all_codes);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_FAULT_MIX_H_
