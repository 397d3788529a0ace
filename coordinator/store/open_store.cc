#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "coordinator/store/sqlite/sqlite_store.h"
#include "coordinator/store/store.h"

namespace tikhaul {

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& url) {
  absl::string_view path = url;
  if (absl::ConsumePrefix(&path, "sqlite:") && !path.empty()) return OpenSqliteStore(std::string(path));
  return absl::InvalidArgumentError(
      absl::StrCat("\"", url, "\" is not a store tikhaul knows; write it as sqlite:/folder/file.db"));
}

}  // namespace tikhaul
