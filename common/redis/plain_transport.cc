#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/redis/socket_wait.h"
#include "common/redis/transport.h"

namespace tikhaul {
namespace {

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int socket) : socket_(socket) {}

  absl::Status Send(absl::string_view bytes, absl::Duration patience) override {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<size_t>(sent));
      } else if (WouldBlock(errno)) {
        RETURN_IF_ERROR(WaitFor(socket_, POLLOUT, patience));
      } else if (errno != EINTR) {
        return SocketFault(errno);
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Receive(absl::Span<char> buffer, absl::Duration patience) override {
    for (;;) {
      const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
      if (got > 0) return static_cast<size_t>(got);
      if (got == 0) return absl::UnavailableError("the server has closed it");
      if (WouldBlock(errno)) {
        RETURN_IF_ERROR(WaitFor(socket_, POLLIN, patience));
      } else if (errno != EINTR) {
        return SocketFault(errno);
      }
    }
  }

  bool Silent() override {
    char byte;
    return recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && WouldBlock(errno);
  }

 private:
  const int socket_;
};

}  // namespace

absl::Status WaitFor(int socket, short events, absl::Duration patience) {
  const SystemClock clock;  // sockets live in real time
  const absl::Duration end = clock.Monotonic() + patience;
  for (;;) {
    const absl::Duration left = std::max(absl::ZeroDuration(), end - clock.Monotonic());
    const int64_t milliseconds = absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)));
    pollfd polled{socket, events, 0};
    const int ready = poll(&polled, 1, static_cast<int>(std::min<int64_t>(milliseconds, 3'600'000)));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return SocketFault(errno);
    if (clock.Monotonic() >= end) return absl::DeadlineExceededError("nothing came in time");
  }
}

absl::Status SocketFault(int error) { return absl::UnavailableError(std::strerror(error)); }

std::unique_ptr<Transport> MakePlainTransport(int socket) { return std::make_unique<PlainTransport>(socket); }

}  // namespace tikhaul
