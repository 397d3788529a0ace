#include "coordinator/store/migrations.h"

#include "absl/strings/str_cat.h"

namespace tikhaul {

absl::Status CheckVersion(const std::string& store, int64_t version, int64_t known, bool migrate) {
  if (version > known) {
    return absl::FailedPreconditionError(absl::StrCat(store, " was written by a newer tikhaul (schema ", version,
                                                      ", this one knows ", known, "); run that version or newer"));
  }
  if (version < known && !migrate) {
    return absl::FailedPreconditionError(
        absl::StrCat(store, " has schema ", version, ", this tikhaul needs ", known,
                     ": make a backup, then run `tikhaul migrate` (or set store_options.migrate to automatic)"));
  }
  return absl::OkStatus();
}

}  // namespace tikhaul
