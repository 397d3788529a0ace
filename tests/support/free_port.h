// A port of this machine for a server that a test starts.
#ifndef TIKHAUL_TESTS_SUPPORT_FREE_PORT_H_
#define TIKHAUL_TESTS_SUPPORT_FREE_PORT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tikhaul {

// Of TCP on 127.0.0.1, taken from its creation to its end: whoever listens there meanwhile is refused.
class HeldPort {
 public:
  HeldPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), length) == 0 && listen(fd_, 1) == 0 &&
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
      port_ = ntohs(address.sin_port);
    }
  }
  ~HeldPort() { close(fd_); }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

  int port() const { return port_; }  // 0: the machine has none
  int fd() const { return fd_; }      // listens

 private:
  const int fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
};

// One that was free a moment ago.
inline int FreePort() { return HeldPort().port(); }

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_FREE_PORT_H_
