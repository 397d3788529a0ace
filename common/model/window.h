// What part of an extract's history a chunk covers.
#ifndef TIKHAUL_COMMON_MODEL_WINDOW_H_
#define TIKHAUL_COMMON_MODEL_WINDOW_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace tikhaul {

enum class WindowKind {
  kDays,     // report days in the account's zone
  kCreated,  // entities by creation time: days of UTC
  kWhole,    // everything there is; first and last have no meaning
};

// Both days belong to the window.
struct Window {
  WindowKind kind = WindowKind::kWhole;
  absl::CivilDay first;
  absl::CivilDay last;

  int64_t Days() const { return kind == WindowKind::kWhole ? 1 : last - first + 1; }
  friend bool operator==(const Window&, const Window&) = default;
};

// "2026-01-01..2026-01-30", or "all".
std::string FormatWindow(const Window& window);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_WINDOW_H_
