#include "simulator/restated_days.h"

#include <algorithm>

namespace tikhaul::simulator {

void RestatedDays::Add(const Change& change) {
  const MutexLock lock(mu_);
  changes_.push_back(change);
}

int RestatedDays::PercentOf(uint64_t account, int64_t day, absl::Time now) const {
  const MutexLock lock(mu_);
  int percent = 0;
  for (const Change& change : changes_) {
    const bool meant = change.account == 0 || change.account == account;
    if (meant && change.first_day <= day && day <= change.last_day && change.from <= now) percent += change.percent;
  }
  return std::max(percent, -99);
}

}  // namespace tikhaul::simulator
