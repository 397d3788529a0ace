// What is wrong right now, in words for people: one line per subject ("store", "redis", "spool").
#ifndef TIKHAUL_COORDINATOR_FAULT_BOARD_H_
#define TIKHAUL_COORDINATOR_FAULT_BOARD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/mutex.h"

namespace tikhaul {

// Thread-safe. A change is logged, a repetition is not.
class FaultBoard {
 public:
  // Empty text: the subject is well again.
  void Set(absl::string_view subject, absl::string_view text);
  std::vector<std::string> Lines() const;
  std::vector<std::string> Subjects() const;

 private:
  mutable Mutex mu_;
  std::map<std::string, std::string> faults_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_FAULT_BOARD_H_
