#include "coordinator/fault_board.h"

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/secret.h"

namespace tikhaul {

void FaultBoard::Set(absl::string_view subject, absl::string_view text) {
  bool changed = false, well = text.empty();
  {
    MutexLock lock(mu_);
    const auto found = faults_.find(std::string(subject));
    if (well) {
      changed = found != faults_.end();
      if (changed) faults_.erase(found);
    } else {
      changed = found == faults_.end();
      faults_[std::string(subject)] = Redact(text);
    }
  }
  if (!changed) return;
  if (well) {
    LogInfo("fault is over", {{"subject", subject}});
  } else {
    LogWarning("fault", {{"subject", subject}, {"detail", text}});
  }
}

std::vector<std::string> FaultBoard::Lines() const {
  std::vector<std::string> lines;
  MutexLock lock(mu_);
  for (const auto& [subject, text] : faults_) lines.push_back(absl::StrCat(subject, ": ", text));
  return lines;
}

std::vector<std::string> FaultBoard::Subjects() const {
  std::vector<std::string> subjects;
  MutexLock lock(mu_);
  for (const auto& [subject, text] : faults_) subjects.push_back(subject);
  return subjects;
}

}  // namespace tikhaul
