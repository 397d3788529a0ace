// Small files.
#ifndef TIKHAUL_COMMON_BASE_FILES_H_
#define TIKHAUL_COMMON_BASE_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

// The whole file. NOT_FOUND, PERMISSION_DENIED or UNAVAILABLE with the path and the reason.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// Through a temporary file and a rename, with mode 0600.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_FILES_H_
