// Waits for the browser to come back from TikTok's page.
#ifndef TIKHAUL_CLI_AUTH_CALLBACK_SERVER_H_
#define TIKHAUL_CLI_AUTH_CALLBACK_SERVER_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tikhaul {

// Listens on the host and port of `redirect_uri` (http, localhost or 127.0.0.1 only) until a request for its path
// comes, answers it with a few words, and gives its target ("/callback?auth_code=...&state=..."). `ready` is called
// once it listens. INVALID_ARGUMENT: the URI is not one to listen on; UNAVAILABLE: the port is taken;
// DEADLINE_EXCEEDED: nobody came within `patience`. Ctrl-C ends the program as usual.
absl::StatusOr<std::string> AwaitCallback(const std::string& redirect_uri, absl::Duration patience,
                                          const std::function<void()>& ready);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_AUTH_CALLBACK_SERVER_H_
