// Early return for absl::Status and absl::StatusOr, and context for messages. The packaged abseil has neither.
#ifndef TIKHAUL_COMMON_BASE_STATUS_MACROS_H_
#define TIKHAUL_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#define TIKHAUL_CONCAT_INNER(a, b) a##b
#define TIKHAUL_CONCAT(a, b) TIKHAUL_CONCAT_INNER(a, b)

// Returns from the function when `expr` is a failed absl::Status.
#define RETURN_IF_ERROR(expr)                                                                             \
  do {                                                                                                    \
    if (absl::Status status_macro_status = (expr); !status_macro_status.ok()) return status_macro_status; \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): `lhs` may be a declaration.
// ASSIGN_OR_RETURN(auto value, Compute()): declares or assigns `lhs`, or returns the failed status.
#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_INNER(TIKHAUL_CONCAT(statusor_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_INNER(temp, lhs, expr)    \
  auto temp = (expr);                              \
  if (!temp.ok()) return std::move(temp).status(); \
  lhs = std::move(temp).value()
// NOLINTEND(bugprone-macro-parentheses)

namespace tikhaul {

// `status` with "context: " before its message. OK stays OK.
inline absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(context, ": ", status.message()));
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_STATUS_MACROS_H_
