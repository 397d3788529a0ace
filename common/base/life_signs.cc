#include "common/base/life_signs.h"

namespace tikhaul {

void LifeSigns::Promise(const std::string& loop, absl::Duration within) {
  const absl::Duration due = clock_.Monotonic() + within;
  MutexLock lock(mu_);
  due_[loop] = due;
}

void LifeSigns::End(const std::string& loop) {
  MutexLock lock(mu_);
  due_.erase(loop);
}

std::vector<std::string> LifeSigns::Late() const {
  const absl::Duration now = clock_.Monotonic();
  std::vector<std::string> late;
  MutexLock lock(mu_);
  for (const auto& [loop, due] : due_) {
    if (now > due) late.push_back(loop);
  }
  return late;
}

}  // namespace tikhaul
