#include "common/base/version.h"

#include "absl/strings/str_cat.h"

namespace tikhaul {

std::string VersionLine(absl::string_view program) {
  return absl::StrCat(program, " ", kVersion, " (", Revision(), ")");
}

}  // namespace tikhaul
