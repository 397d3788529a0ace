// Who may see what a coordinator serves over HTTP, by the identities of the configuration.
#ifndef TIKHAUL_COORDINATOR_HTTP_PAGE_ACCESS_H_
#define TIKHAUL_COORDINATOR_HTTP_PAGE_ACCESS_H_

#include "common/access/authenticator.h"
#include "common/http/http_guard.h"

namespace tikhaul {

// Viewers and operators. Unset when no identities are configured: everybody may. Borrows the authenticator.
TokenCheck ViewerCheck(const Authenticator& authenticator);
// Whoever is known. Unset as above.
TokenCheck KnownCheck(const Authenticator& authenticator);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_HTTP_PAGE_ACCESS_H_
