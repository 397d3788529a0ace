// Progress where there is no terminal: lines that stay.
#ifndef TIKHAUL_CLI_PROGRESS_PLAIN_H_
#define TIKHAUL_CLI_PROGRESS_PLAIN_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// Decides which lines are worth printing: one per extract whose figures changed, at most every `interval`, and each
// hindrance when it is new. Not thread-safe.
class PlainProgress {
 public:
  explicit PlainProgress(absl::Duration interval = absl::Seconds(2)) : interval_(interval) {}

  // `now` is monotonic time. `last`: prints what has changed regardless of the interval.
  std::vector<std::string> Lines(const v1::Status& status, absl::Duration now, bool last = false);

 private:
  const absl::Duration interval_;
  std::optional<absl::Duration> printed_at_;
  std::map<std::string, std::string> figures_;  // by extract, as last printed
  std::set<std::string> hindrances_;            // of the last printed status
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_PROGRESS_PLAIN_H_
