// What of a configuration may change while a program runs.
#ifndef TIKHAUL_COMMON_CONFIG_CONFIG_WATCH_H_
#define TIKHAUL_COMMON_CONFIG_CONFIG_WATCH_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Looks whether the file says something else than before. Not thread-safe.
class ConfigWatch {
 public:
  static constexpr absl::Duration kEvery = absl::Seconds(10);

  // Make it before the configuration is loaded, so that no change is missed in between.
  explicit ConfigWatch(std::string path);

  // Hands the configuration to `take`, which takes its identities, when the text has changed. The log says whether they
  // are in force now; a file with mistakes, or that is gone, is told once and changes nothing.
  void Look(const std::function<absl::Status(const v1::Config&)>& take);

 private:
  const std::string path_;
  std::optional<std::string> text_;  // nothing: not to be read
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CONFIG_CONFIG_WATCH_H_
