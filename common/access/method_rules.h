// Which role each method of each gRPC service needs: the one table, and the decision.
#ifndef TIKHAUL_COMMON_ACCESS_METHOD_RULES_H_
#define TIKHAUL_COMMON_ACCESS_METHOD_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/access/authenticator.h"

namespace tikhaul {

struct MethodRule {
  enum class Needs {
    kNothing,   // open to everybody, known or not
    kIdentity,  // to whoever is known
    kRole,
  };
  absl::string_view method;  // "/package.Service/Method", as it is called
  Needs needs = Needs::kRole;
  v1::Role role = v1::ROLE_UNSPECIFIED;  // with kRole
};

// Every method that a coordinator answers; a method that is not here is refused to everybody.
const std::vector<MethodRule>& MethodRules();

// Whether whoever shows `credentials` may call `method`. UNAUTHENTICATED when it is not known who that is,
// PERMISSION_DENIED when the role does not do; both say what would.
absl::Status MayCall(const Authenticator& authenticator, const Credentials& credentials, absl::string_view method);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_ACCESS_METHOD_RULES_H_
