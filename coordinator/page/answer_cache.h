// Answers that are given again for a moment, so that many open pages cost the store as little as one.
#ifndef TIKHAUL_COORDINATOR_PAGE_ANSWER_CACHE_H_
#define TIKHAUL_COORDINATOR_PAGE_ANSWER_CACHE_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tikhaul {

// Thread-safe: whoever asks for what is being made waits for it. Borrows the clock.
class AnswerCache {
 public:
  AnswerCache(const Clock& clock, absl::Duration least) : clock_(clock), least_(least) {}

  // What `make` gave for `key`, failures too, at most `least` ago, or twenty times as long as making it took: so at
  // most a twentieth of the time goes into it.
  absl::StatusOr<std::string> Get(const std::string& key, const std::function<absl::StatusOr<std::string>()>& make)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Answer {
    absl::StatusOr<std::string> body;
    absl::Duration until;  // monotonic
  };

  const Clock& clock_;
  const absl::Duration least_;
  Mutex mu_;
  std::map<std::string, Answer> answers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_PAGE_ANSWER_CACHE_H_
