// Waiting for a socket.
#ifndef TIKHAUL_COMMON_REDIS_SOCKET_WAIT_H_
#define TIKHAUL_COMMON_REDIS_SOCKET_WAIT_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tikhaul {

// Until `socket` is ready for `events` (of poll), or in error. DEADLINE_EXCEEDED after `patience`.
absl::Status WaitFor(int socket, short events, absl::Duration patience);

// UNAVAILABLE with the words of the system for `error`, an errno.
absl::Status SocketFault(int error);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_REDIS_SOCKET_WAIT_H_
