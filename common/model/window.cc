#include "common/model/window.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"

namespace tikhaul {

std::string FormatWindow(const Window& window) {
  if (window.kind == WindowKind::kWhole) return "all";
  return absl::StrCat(FormatDay(window.first), "..", FormatDay(window.last));
}

}  // namespace tikhaul
