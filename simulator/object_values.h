// Values that reports and entity lists must agree on.
#ifndef TIKHAUL_SIMULATOR_OBJECT_VALUES_H_
#define TIKHAUL_SIMULATOR_OBJECT_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "simulator/data_set.h"

namespace tikhaul::simulator {

absl::string_view ObjectiveOf(const Object& campaign);
// In minor units of the account's currency; 0 without a limit.
int64_t CampaignBudget(const Account& account, const Object& campaign);
int64_t GroupBudget(const Account& account, const Object& group);
int64_t GroupBid(const Account& account, const Object& group);
// `value` with `places` decimals: {1234, 2} is "12.34". `value` is not negative.
void AppendFixed(int64_t value, int places, std::string& out);
// The nearest double of value / 10^places.
double FixedToDouble(int64_t value, int places);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_OBJECT_VALUES_H_
