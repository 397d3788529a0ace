#include "common/config/config_watch.h"

#include <utility>

#include "absl/status/statusor.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"

namespace tikhaul {
namespace {

std::optional<std::string> TextOf(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  return text.ok() ? std::optional(*std::move(text)) : std::nullopt;
}

absl::Status Take(const std::string& path, const std::function<absl::Status(const v1::Config&)>& take) {
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(path));
  return take(config);
}

}  // namespace

ConfigWatch::ConfigWatch(std::string path) : path_(std::move(path)), text_(TextOf(path_)) {}

void ConfigWatch::Look(const std::function<absl::Status(const v1::Config&)>& take) {
  std::optional<std::string> text = TextOf(path_);
  if (text == text_) return;
  text_ = std::move(text);
  const absl::Status taken = Take(path_, take);
  if (taken.ok()) {
    LogInfo("the configuration has changed: its identities are in force, all else is from the next start on",
            {{"file", path_}});
  } else {
    LogError("the configuration has changed and is not in force: what was read before goes on",
             {{"file", path_}, {"reason", taken.message()}});
  }
}

}  // namespace tikhaul
