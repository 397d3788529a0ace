// The API's truth about a daily report by ad, at any instant: what a read of it must bring, and what the store must
// hold in the end. Figures of a day move for some days after it has ended; ads come late, and some are taken back.
#ifndef TIKHAUL_TESTS_SIMULATION_SIM_API_H_
#define TIKHAUL_TESTS_SIMULATION_SIM_API_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tikhaul {

struct ApiRow {
  absl::CivilDay day;
  std::string ad;
  int64_t clicks = 0;
  int64_t cents = 0;
  friend bool operator==(const ApiRow&, const ApiRow&) = default;
};

class SimApi {
 public:
  SimApi(uint64_t seed, absl::TimeZone zone) : seed_(seed), zone_(zone) {}

  // In the API's order: by day, then ad.
  std::vector<ApiRow> Rows(const std::string& advertiser, absl::CivilDay first, absl::CivilDay last,
                           absl::Time at) const;
  // Figures of the advertiser change now, also those of old days.
  void Restate(const std::string& advertiser) { ++restated_[advertiser]; }

 private:
  uint64_t seed_;
  absl::TimeZone zone_;
  std::map<std::string, int> restated_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SIM_API_H_
