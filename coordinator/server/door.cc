#include "coordinator/server/door.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr int kBacklog = 512;
// Of a connection, that nobody has read: the kernel would let it grow to megabytes, and who copies them holds up those
// who want to end the connection. Enough for 10 MB/s over 25 ms.
constexpr int kUnreadBytes = 256 << 10;
constexpr int kUserTimeoutMs = 5000;  // unanswered data for so long: the peer is gone
constexpr absl::Duration kBreath = absl::Milliseconds(100);

absl::Status CannotListen(absl::string_view address, absl::string_view reason) {
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot listen on ", address, ": ", reason, "; is another coordinator there? Stop it or set coordinator.listen"));
}

absl::StatusOr<int> ListenUnix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof(name.sun_path)) return absl::InvalidArgumentError("the path of the socket is too long");
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return absl::UnavailableError(std::strerror(errno));
  const auto* const address = reinterpret_cast<const sockaddr*>(&name);
  if (connect(fd, address, sizeof(name)) == 0) {
    close(fd);
    return absl::FailedPreconditionError("the socket is in use");
  }
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) unlink(path.c_str());  // of one that was killed
  // Nobody can connect before listen().
  if (bind(fd, address, sizeof(name)) == 0 && chmod(path.c_str(), S_IRUSR | S_IWUSR) == 0 &&
      listen(fd, kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  return absl::UnavailableError(std::strerror(error));
}

// -1 and errno when it does not work.
int ListenTcp(const addrinfo& at) {
  const int fd = socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  const int on = 1, off = 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Connections inherit these.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kUnreadBytes, sizeof(kUnreadBytes));
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof(kUserTimeoutMs));
  if (at.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (bind(fd, at.ai_addr, at.ai_addrlen) == 0 && listen(fd, kBacklog) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

absl::StatusOr<std::vector<int>> ListenOnHost(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &list); error != 0) {
    return absl::UnavailableError(gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<int> fds;
  int error = 0;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    const int fd = ListenTcp(*at);
    if (fd >= 0) fds.push_back(fd);
    // A host may have an address of a kind that this machine does not have.
    if (fd < 0 && errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT) error = errno;
    if (fd < 0 && error == 0 && at->ai_next == nullptr && fds.empty()) error = errno;
  }
  if (error == 0) return fds;
  for (const int fd : fds) close(fd);
  return absl::UnavailableError(std::strerror(error));
}

// "0.0.0.0" takes connections of both kinds where the machine has both, as gRPC does.
absl::StatusOr<std::vector<int>> ListenOn(absl::string_view host, const std::string& port) {
  absl::ConsumePrefix(&host, "[");
  absl::ConsumeSuffix(&host, "]");
  if (host == "0.0.0.0") {
    absl::StatusOr<std::vector<int>> both = ListenOnHost("::", port);
    if (both.ok()) return both;
  }
  return ListenOnHost(std::string(host), port);
}

// All addresses of this machine's own are one: whoever is on it may call from each of them.
bool IsLoopback(absl::string_view host) {
  absl::ConsumePrefix(&host, "::ffff:");
  return host == "::1" || absl::StartsWith(host, "127.");
}

// The host of a peer; all peers of a Unix socket are one.
std::string HostOf(const sockaddr_storage& from) {
  std::array<char, NI_MAXHOST> host{};
  const socklen_t length = from.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (from.ss_family == AF_UNIX || from.ss_family == AF_UNSPEC) return "unix";
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&from), length, host.data(), host.size(), nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return "unknown";
  }
  return IsLoopback(host.data()) ? "loopback" : host.data();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Door>> Door::Open(const std::string& address, ConnectionCount::Limits limits,
                                                 size_t most_memory) {
  absl::string_view path = address;
  if (absl::ConsumePrefix(&path, "unix:")) {
    const absl::StatusOr<int> fd = ListenUnix(std::string(path));
    if (!fd.ok()) return CannotListen(address, fd.status().message());
    return std::unique_ptr<Door>(new Door({*fd}, std::string(path), limits, most_memory));
  }
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError(absl::StrCat(address, " has no port"));
  absl::StatusOr<std::vector<int>> fds =
      ListenOn(absl::string_view(address).substr(0, colon), address.substr(colon + 1));
  if (!fds.ok()) return CannotListen(address, fds.status().message());
  return std::unique_ptr<Door>(new Door(*std::move(fds), "", limits, most_memory));
}

Door::Door(std::vector<int> listeners, std::string socket_path, ConnectionCount::Limits limits, size_t most_memory)
    : listeners_(std::move(listeners)),
      socket_path_(std::move(socket_path)),
      count_(limits),
      memory_(most_memory, MemoryGuard::OfThisProcess()),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Door::~Door() {
  Close();
  if (!socket_path_.empty()) unlink(socket_path_.c_str());
  for (const int listener : listeners_) close(listener);
  close(wake_);
}

void Door::Serve(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor) {
  acceptor_ = std::move(acceptor);
  thread_ = std::thread([this] { Run(); });
}

void Door::Close() {
  if (!thread_.joinable()) return;
  eventfd_write(wake_, 1);
  thread_.join();
}

void Door::Run() {
  const bool watched = socket_path_.empty();  // whoever is on a Unix socket is this user
  const int patience = watched ? static_cast<int>(absl::ToInt64Milliseconds(MemoryGuard::kEvery)) : -1;
  std::vector<pollfd> waiting = {{.fd = wake_, .events = POLLIN, .revents = 0}};
  for (const int listener : listeners_) waiting.push_back({.fd = listener, .events = POLLIN, .revents = 0});
  for (;;) {
    if (poll(waiting.data(), waiting.size(), patience) < 0 && errno != EINTR) tikhaul::SleepFor(kBreath);
    if (waiting[0].revents != 0) return;
    if (watched) memory_.Watch(count_, clock_.Monotonic());
    for (size_t i = 1; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) TakeIn(waiting[i].fd);
    }
  }
}

void Door::TakeIn(int listener) {
  sockaddr_storage from{};
  socklen_t length = sizeof(from);
  const int fd = accept4(listener, reinterpret_cast<sockaddr*>(&from), &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) {
    // Without descriptors or memory the peer waits until there are some; whatever else is the peer's own affair.
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) tikhaul::SleepFor(kBreath);
    return;
  }
  const std::string peer = HostOf(from);
  if (!count_.Admit(fd, peer, clock_.Monotonic())) {
    LogDebug("a connection was refused: there are too many", {{"peer", peer}});
    close(fd);
    return;
  }
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.listener_fd = listener;
  connection.fd = fd;
  acceptor_->HandleNewConnection(&connection);
}

}  // namespace tikhaul
