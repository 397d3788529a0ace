// What the kernel tells about sockets that belong to somebody else.
#ifndef TIKHAUL_COORDINATOR_SERVER_SOCKET_FACTS_H_
#define TIKHAUL_COORDINATOR_SERVER_SOCKET_FACTS_H_

#include <cstdint>

namespace tikhaul {

// Descriptors are used again, cookies are not. 0: not an open socket.
uint64_t CookieOf(int fd);
// Since the connection was made, as they came over the network. 0: not a TCP connection.
uint64_t BytesReceived(int fd);
// Ends a TCP connection at once, and throws away what its owner has not read; who owns it sees an error and closes it.
void Reset(int fd);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SERVER_SOCKET_FACTS_H_
