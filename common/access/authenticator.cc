#include "common/access/authenticator.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/access/token.h"

namespace tikhaul {
namespace {

// The time it takes tells nothing of how much of the hash is right.
bool SameHash(const std::string& one, const std::string& other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace

bool Caller::May(v1::Role role) const {
  return std::any_of(roles.begin(), roles.end(), [role](v1::Role one) {
    return one == role || (one == v1::ROLE_OPERATOR && role == v1::ROLE_VIEWER);
  });
}

absl::Status Authenticator::Take(const v1::Config& config) {
  if (config.identities().empty() != everybody_) {
    return absl::FailedPreconditionError(
        everybody_ ? "there were no `identities` when this program was started: start it again with them"
                   : "`identities` are gone: start this program again if everybody shall be let in");
  }
  std::shared_ptr<const Identities> taken = IdentitiesOf(config);
  const MutexLock lock(mu_);
  identities_.swap(taken);
  return absl::OkStatus();
}

std::shared_ptr<const Authenticator::Identities> Authenticator::identities() const {
  const MutexLock lock(mu_);
  return identities_;
}

absl::StatusOr<Caller> Authenticator::Identify(const Credentials& credentials) const {
  const std::string hash = credentials.token.has_value() ? TokenHash(*credentials.token) : "";
  Caller caller;
  std::vector<std::string> names;
  bool token_known = false;
  const std::shared_ptr<const Identities> known = identities();
  for (const v1::Identity& identity : *known) {
    const bool by_token = !hash.empty() && SameHash(identity.token_hash(), hash);
    const auto& shown = credentials.certificate_names;
    const bool by_certificate = !identity.certificate_name().empty() &&
                                std::find(shown.begin(), shown.end(), identity.certificate_name()) != shown.end();
    token_known = token_known || by_token;
    if (!by_token && !by_certificate) continue;
    names.push_back(identity.name());
    caller.roles.push_back(identity.role());
  }
  if (!hash.empty() && !token_known) {
    return absl::UnauthenticatedError(
        "the bearer token is not known here: `tikhaul token new` makes one, and its hash belongs into `identities` of "
        "the coordinator's configuration");
  }
  if (names.empty() && credentials.certificate_names.empty()) {
    return absl::UnauthenticatedError(
        "whoever calls here must be known: show a certificate (tls.certificate_file and tls.key_file), or a bearer "
        "token (token_file in tikhaul.yaml, or --token-file)");
  }
  if (names.empty()) {
    return absl::UnauthenticatedError(absl::StrCat("no identity has the certificate of ",
                                                   absl::StrJoin(credentials.certificate_names, ", "),
                                                   ": name it in `identities` of the coordinator's configuration"));
  }
  caller.name = absl::StrJoin(names, " and ");
  return caller;
}

}  // namespace tikhaul
