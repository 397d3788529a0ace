#include "tests/simulation/sim_api.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

constexpr uint64_t kMostAds = 3;
constexpr int kLastVersion = 8;  // of a day by its age, one each 12 hours

uint64_t Mix(uint64_t a, uint64_t b) {
  uint64_t x = a + 0x9e3779b97f4a7c15 * (b + 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

std::vector<ApiRow> SimApi::Rows(const std::string& advertiser, absl::CivilDay first, absl::CivilDay last,
                                 absl::Time at) const {
  std::vector<ApiRow> rows;
  const uint64_t account = Mix(seed_, std::hash<std::string>()(advertiser));
  const auto restated = restated_.find(advertiser);
  const int changes = restated == restated_.end() ? 0 : restated->second;
  for (absl::CivilDay day = first; day <= last; ++day) {
    const uint64_t of_day = Mix(account, static_cast<uint64_t>(DayNumber(day)));
    if (of_day % 3 != 0 || at < DayStart(zone_, day)) continue;
    const absl::Duration age = at - DayEnd(zone_, day);
    const int by_age = static_cast<int>(std::clamp<int64_t>(age / absl::Hours(12), -1, kLastVersion)) + 1;
    const uint64_t version = static_cast<uint64_t>(by_age + changes);
    for (uint64_t ad = 0; ad < kMostAds; ++ad) {
      const uint64_t of_ad = Mix(of_day, ad);
      const bool comes_late = of_ad % 5 == 1, is_taken_back = of_ad % 5 == 2;
      if (of_ad % 2 == 0 || (comes_late && version < 2) || (is_taken_back && version >= 2)) continue;
      const uint64_t figures = Mix(of_ad, of_ad % 7 < 3 ? version : 0);
      rows.push_back({.day = day,
                      .ad = absl::StrCat("1", ad),
                      .clicks = static_cast<int64_t>(figures % 1000),
                      .cents = static_cast<int64_t>(figures / 1000 % 100000)});
    }
  }
  return rows;
}

}  // namespace tikhaul
