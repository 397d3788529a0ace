#include "tests/support/stream_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kLookEvery = absl::Milliseconds(50);
constexpr size_t kPieceBytes = 16 << 10;
constexpr size_t kMostHeldBytes = 256 << 10;

struct Address {
  sockaddr_storage name{};
  socklen_t length = 0;
};

Address AddressOf(absl::string_view text) {
  Address address;
  if (absl::ConsumePrefix(&text, "unix:")) {
    auto* const name = reinterpret_cast<sockaddr_un*>(&address.name);
    name->sun_family = AF_UNIX;
    std::string(text).copy(name->sun_path, sizeof(name->sun_path) - 1);
    address.length = sizeof(sockaddr_un);
    return address;
  }
  auto* const name = reinterpret_cast<sockaddr_in*>(&address.name);
  const size_t colon = text.rfind(':');
  int port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) ||
      inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &name->sin_addr) != 1) {
    std::fprintf(stderr, "StreamProxy: no address: %s\n", std::string(text).c_str());
    std::abort();
  }
  name->sin_family = AF_INET;
  name->sin_port = htons(static_cast<uint16_t>(port));
  address.length = sizeof(sockaddr_in);
  return address;
}

// Sockets belong for ever to the namespace in which they are made. The calling thread comes back to its own.
int SocketIn(int net_space, int family) {
  if (net_space < 0) return socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (setns(net_space, CLONE_NEWNET) != 0) std::abort();
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (setns(home, CLONE_NEWNET) != 0) std::abort();
  close(home);
  return fd;
}

void SendAtOnce(int fd) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));  // means nothing to Unix sockets
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

// One connection, on the thread that calls Run().
class StreamRelay {
 public:
  StreamRelay(StreamProxy& proxy, int client, int server) : proxy_(proxy) {
    ways_[0] = {.from = client, .to = server};
    ways_[1] = {.from = server, .to = client};
  }
  ~StreamRelay() {
    close(ways_[0].from);
    close(ways_[1].from);
  }

  void Run() {
    while (!proxy_.stopping_) {
      pollfd ready[2];
      // What is not listened to is left out: its end would be told again and again.
      for (int i = 0; i < 2; ++i) ready[i] = {Listens(ways_[i]) ? ways_[i].from : -1, POLLIN, 0};
      const timespec wait = absl::ToTimespec(Wait());
      if (ppoll(ready, 2, &wait, nullptr) < 0) return;
      for (int i = 0; i < 2; ++i) {
        if (ready[i].revents != 0 && !Take(ways_[i], i == 0)) return;
      }
      for (Way& way : ways_) {
        if (!Pass(way)) return;
      }
    }
  }

 private:
  struct Piece {
    absl::Duration due;
    std::string bytes;
  };
  struct Way {
    int from = -1, to = -1;
    bool ended = false;
    size_t held = 0;
    std::deque<Piece> pieces = {};
  };

  bool Listens(const Way& way) const { return !way.ended && way.held < kMostHeldBytes && !proxy_.stalled_; }

  absl::Duration Wait() const {
    absl::Duration wait = kLookEvery;
    if (proxy_.stalled_) return wait;
    const absl::Duration now = proxy_.clock_.Monotonic();
    for (const Way& way : ways_) {
      if (!way.pieces.empty()) wait = std::min(wait, way.pieces.front().due - now);
    }
    return std::max(wait, absl::ZeroDuration());
  }

  bool Take(Way& way, bool to_server) {
    std::string bytes(kPieceBytes, '\0');
    const ssize_t got = read(way.from, bytes.data(), bytes.size());
    if (got <= 0) {
      way.ended = true;
      return true;
    }
    bytes.resize(static_cast<size_t>(got));
    if (!to_server && cut_answer_) return false;
    if (to_server && proxy_.options_.look) {
      const StreamProxy::Look look = proxy_.options_.look(bytes);
      if (look == StreamProxy::Look::kCut) return false;
      cut_answer_ |= look == StreamProxy::Look::kPassAndCutAnswer;
    }
    const absl::Duration after = way.pieces.empty() ? absl::ZeroDuration() : way.pieces.back().due;
    const absl::Duration due = proxy_.DueTime(proxy_.clock_.Monotonic(), bytes.size(), after);
    way.held += bytes.size();
    way.pieces.push_back({due, std::move(bytes)});
    return true;
  }

  // Sends what is due. False when the connection is over.
  bool Pass(Way& way) {
    while (!way.pieces.empty() && !proxy_.stalled_ && way.pieces.front().due <= proxy_.clock_.Monotonic()) {
      const Piece& piece = way.pieces.front();
      if (!SendAll(way.to, piece.bytes)) return false;
      proxy_.bytes_ += piece.bytes.size();
      way.held -= piece.bytes.size();
      way.pieces.pop_front();
    }
    return !way.ended || !way.pieces.empty() || proxy_.stalled_;
  }

  StreamProxy& proxy_;
  Way ways_[2];
  bool cut_answer_ = false;
};

StreamProxy::StreamProxy(Options options)
    : options_(std::move(options)), address_(options_.listen), random_(options_.seed) {
  Address address = AddressOf(options_.listen);
  listener_ = SocketIn(options_.net_space, address.name.ss_family);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  auto* const name = reinterpret_cast<sockaddr*>(&address.name);
  if (bind(listener_, name, address.length) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, name, &address.length) != 0) {
    std::perror(absl::StrCat("StreamProxy at ", options_.listen).c_str());
    std::abort();
  }
  if (address.name.ss_family == AF_INET) {
    address_ = absl::StrCat(options_.listen.substr(0, options_.listen.rfind(':')), ":",
                            ntohs(reinterpret_cast<sockaddr_in*>(name)->sin_port));
  }
  acceptor_ = std::thread([this] { Accept(); });
}

StreamProxy::~StreamProxy() {
  stopping_ = true;
  acceptor_.join();
  std::vector<std::thread> relays;
  {
    MutexLock lock(mu_);
    relays.swap(relays_);
  }
  for (std::thread& relay : relays) relay.join();
  close(listener_);
}

void StreamProxy::SetWeather(const Weather& weather) {
  MutexLock lock(mu_);
  weather_ = weather;
}

absl::Duration StreamProxy::DueTime(absl::Duration now, size_t bytes, absl::Duration after) {
  MutexLock lock(mu_);
  absl::Duration due = now + weather_.delay;
  due += weather_.jitter * std::uniform_real_distribution<double>(0, 1)(random_);
  if (std::uniform_int_distribution<int>(1, 100)(random_) <= weather_.held_up_percent) {
    due += weather_.held_up;
    ++held_up_;
  }
  if (weather_.bytes_per_second > 0) {
    line_free_ = std::max(line_free_, now) + absl::Seconds(static_cast<double>(bytes)) / weather_.bytes_per_second;
    due = std::max(due, line_free_ + weather_.delay);
  }
  return std::max(due, after);
}

void StreamProxy::Accept() {
  while (!stopping_) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(kLookEvery))) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    MutexLock lock(mu_);
    relays_.emplace_back([this, client] {
      const Address address = AddressOf(options_.server);
      const int server = SocketIn(options_.net_space, address.name.ss_family);
      if (connect(server, reinterpret_cast<const sockaddr*>(&address.name), address.length) != 0) {
        close(client);
        close(server);
        return;
      }
      SendAtOnce(client);
      SendAtOnce(server);
      StreamRelay(*this, client, server).Run();
    });
  }
}

}  // namespace tikhaul
