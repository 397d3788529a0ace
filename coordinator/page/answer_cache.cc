#include "coordinator/page/answer_cache.h"

#include <algorithm>

namespace tikhaul {
namespace {

constexpr size_t kMostKeys = 64;
constexpr int kShare = 20;

}  // namespace

absl::StatusOr<std::string> AnswerCache::Get(const std::string& key,
                                             const std::function<absl::StatusOr<std::string>()>& make) {
  MutexLock lock(mu_);
  const absl::Duration begin = clock_.Monotonic();
  const auto known = answers_.find(key);
  if (known != answers_.end() && known->second.until > begin) return known->second.body;
  absl::StatusOr<std::string> body = make();
  const absl::Duration end = clock_.Monotonic();
  if (known == answers_.end() && answers_.size() >= kMostKeys) {
    answers_.erase(std::min_element(answers_.begin(), answers_.end(),
                                    [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  answers_.insert_or_assign(key, Answer{.body = body, .until = end + std::max(least_, kShare * (end - begin))});
  return body;
}

}  // namespace tikhaul
