#include "tests/support/postgres_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace tikhaul {
namespace {

constexpr char kSocketName[] = "/.s.PGSQL.5432";
constexpr int kLookEveryMs = 50;

sockaddr_un AddressOf(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder + kSocketName).copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

bool SendAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

PostgresProxy::PostgresProxy(const std::string& server_socket_folder) : server_(server_socket_folder) {
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(folder_.path());
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 64) != 0) {
    std::perror("PostgresProxy");
    std::abort();
  }
  acceptor_ = std::thread([this] { Accept(); });
}

PostgresProxy::~PostgresProxy() {
  stopping_ = true;
  acceptor_.join();
  MutexLock lock(mu_);
  for (std::thread& relay : relays_) relay.join();
  close(listener_);
}

std::string PostgresProxy::Url() const { return absl::StrCat("postgresql://postgres@/postgres?host=", folder_.path()); }

void PostgresProxy::Accept() {
  while (!stopping_) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, kLookEveryMs) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = AddressOf(server_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      close(client);
      close(server);
      continue;
    }
    MutexLock lock(mu_);
    relays_.emplace_back([this, client, server] { Relay(client, server); });
  }
}

void PostgresProxy::Relay(int client, int server) {
  bool cut_answer = false;
  char buffer[65536];
  while (!stopping_) {
    pollfd ready[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(ready, 2, kLookEveryMs) <= 0) continue;
    if (ready[0].revents != 0) {
      const ssize_t got = read(client, buffer, sizeof(buffer));
      if (got <= 0) break;
      const absl::string_view bytes(buffer, static_cast<size_t>(got));
      if (absl::StrContains(bytes, absl::string_view("COMMIT\0", 7))) {  // a query ends in a zero byte
        const Cut cut = cut_.exchange(Cut::kNever);
        if (cut != Cut::kNever) ++cuts_;
        if (cut == Cut::kBeforeCommit) break;
        cut_answer = cut == Cut::kAfterCommit;
      }
      if (!SendAll(server, bytes)) break;
    }
    if (ready[1].revents != 0) {
      const ssize_t got = read(server, buffer, sizeof(buffer));
      if (got <= 0 || cut_answer || !SendAll(client, absl::string_view(buffer, static_cast<size_t>(got)))) break;
    }
  }
  close(client);
  close(server);
}

}  // namespace tikhaul
