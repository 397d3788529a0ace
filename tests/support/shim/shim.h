// Slow disks, moved calendars and poisoned answers for processes that a test starts.
#ifndef TIKHAUL_TESTS_SUPPORT_SHIM_SHIM_H_
#define TIKHAUL_TESTS_SUPPORT_SHIM_SHIM_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shim/shim_file.h"

namespace tikhaul {

// One switchboard, for all processes that run under its prefix, whoever owns them. One thread at a time.
class Shim {
 public:
  // Why processes cannot be given it; empty when they can.
  static std::string WhyNot();

  Shim();
  ~Shim();
  Shim(const Shim&) = delete;
  Shim& operator=(const Shim&) = delete;

  // A command in front of another, which then runs with the shim in it.
  std::vector<std::string> Prefix() const;
  void SlowFsync(absl::Duration by) { file_->fsync_delay_us = absl::ToInt64Microseconds(by); }
  // From the true time.
  void MoveClock(absl::Duration by) { file_->clock_offset_us = absl::ToInt64Microseconds(by); }
  absl::Duration clock() const { return absl::Microseconds(file_->clock_offset_us); }
  // kPoison in an answer kills.
  void Poison() { file_->poisonous = 1; }

 private:
  ScratchFolder folder_;
  ShimFile* file_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_SHIM_SHIM_H_
