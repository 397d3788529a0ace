// The four levels of an account, as bits of a mask.
#ifndef TIKHAUL_SIMULATOR_LEVEL_H_
#define TIKHAUL_SIMULATOR_LEVEL_H_

#include <cstdint>

namespace tikhaul::simulator {

enum Level : uint8_t { kAdvertiser = 1, kCampaign = 2, kAdGroup = 4, kAd = 8 };

inline constexpr uint8_t kEveryLevel = 15;
inline constexpr uint8_t kFromCampaign = kCampaign | kAdGroup | kAd;
inline constexpr uint8_t kFromAdGroup = kAdGroup | kAd;

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_LEVEL_H_
