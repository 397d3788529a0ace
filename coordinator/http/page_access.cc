#include "coordinator/http/page_access.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace tikhaul {

TokenCheck ViewerCheck(const Authenticator& authenticator) {
  if (authenticator.everybody()) return nullptr;
  return [&authenticator](const std::string& token) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const Caller caller, authenticator.Identify({.token = token, .certificate_names = {}}));
    if (caller.May(v1::ROLE_VIEWER)) return caller.name;
    return absl::PermissionDeniedError(
        absl::StrCat(caller.name, " may not see this: the role viewer or operator is needed"));
  };
}

TokenCheck KnownCheck(const Authenticator& authenticator) {
  if (authenticator.everybody()) return nullptr;
  return [&authenticator](const std::string& token) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const Caller caller, authenticator.Identify({.token = token, .certificate_names = {}}));
    return caller.name;
  };
}

}  // namespace tikhaul
