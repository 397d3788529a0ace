#include "simulator/http_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "simulator/gzip.h"

namespace tikhaul::simulator {
namespace {

constexpr size_t kSmallestGzip = 256;

int PortOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return -1;
}

// The library does not give out the socket of a request, so the connection is found by its two ports. Closing it with a
// zero linger sends a reset.
void CutConnection(int own_port, int peer_port) {
  constexpr int kMostFiles = 65'536;
  int misses = 0;
  for (int fd = 3; fd < kMostFiles && misses < 1'024; ++fd) {
    sockaddr_storage own{}, peer{};
    socklen_t own_size = sizeof(own), peer_size = sizeof(peer);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) != 0 ||
        getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) {
      ++misses;
      continue;
    }
    misses = 0;
    if (PortOf(own) != own_port || PortOf(peer) != peer_port) continue;
    const linger now{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    shutdown(fd, SHUT_RDWR);
    return;
  }
}

Call CallOf(const httplib::Request& request) {
  Call call;
  call.method = request.method;
  call.path = request.path;
  for (const auto& [name, value] : request.params) call.params.emplace(name, value);
  if (request.has_header("Access-Token")) call.token = request.get_header_value("Access-Token");
  call.body = request.body;
  call.host = request.get_header_value("Host");
  return call;
}

bool FromLoopback(const httplib::Request& request) {
  return absl::StartsWith(request.remote_addr, "127.") || request.remote_addr == "::1";
}

}  // namespace

HttpServer::HttpServer(Simulator& simulator) : simulator_(simulator) {}

HttpServer::~HttpServer() { Stop(); }

absl::StatusOr<int> HttpServer::Start(const ServerOptions& options) {
  server_ = std::make_unique<httplib::Server>();
  server_->new_task_queue = [threads = options.threads] {
    return new httplib::ThreadPool(static_cast<size_t>(threads));
  };
  server_->set_tcp_nodelay(true);
  server_->set_keep_alive_max_count(static_cast<size_t>(-1));
  server_->set_keep_alive_timeout(75);
  const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
    Serve(request, response);
  };
  server_->Get(".*", handler);
  server_->Post(".*", handler);
  server_->Put(".*", handler);
  server_->Patch(".*", handler);
  server_->Delete(".*", handler);
  if (options.port == 0) {
    port_ = server_->bind_to_any_port(options.host);
  } else {
    port_ = server_->bind_to_port(options.host, options.port) ? options.port : -1;
  }
  if (port_ <= 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.host, ":", options.port,
                                               "; is the port in use, or the address not one of this machine?"));
  }
  thread_ = std::thread([this] {
    server_->listen_after_bind();
    ended_ = true;
  });
  // stop() has no effect before the accept loop runs.
  while (!server_->is_running() && !ended_) std::this_thread::yield();
  return port_;
}

void HttpServer::Stop() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    stopped_.SignalAll();
  }
  if (!thread_.joinable()) return;
  server_->stop();
  thread_.join();
}

bool HttpServer::SleepUntil(absl::Duration monotonic) {
  MutexLock lock(mu_);
  while (!stopping_) {
    const absl::Duration left = monotonic - simulator_.clock().Monotonic();
    if (left <= absl::ZeroDuration()) return true;
    stopped_.WaitFor(mu_, left);
  }
  return false;
}

void HttpServer::Serve(const httplib::Request& request, httplib::Response& response) {
  const absl::Duration arrived = simulator_.clock().Monotonic();
  const Call call = CallOf(request);
  const bool control = absl::StartsWith(call.path, "/sim/");
  if (control && !FromLoopback(request)) {
    response.status = 403;
    return;
  }
  WireAnswer answer = control ? simulator_.Control(call) : simulator_.Handle(call);
  if (answer.delay > absl::ZeroDuration()) SleepUntil(arrived + answer.delay);
  Send(request, std::move(answer), response);
}

// The answer promises the whole body and ends before.
void HttpServer::SendPart(const httplib::Request& request, WireAnswer answer, httplib::Response& response) {
  const size_t whole = answer.body.size();
  auto body = std::make_shared<std::string>(answer.body.substr(0, answer.sent_bytes));
  const bool reset = answer.cut == WireAnswer::Cut::kBodyReset;
  const auto provide = [this, body, reset, peer = request.remote_port](size_t offset, size_t, httplib::DataSink& sink) {
    if (offset < body->size()) return sink.write(body->data() + offset, body->size() - offset);
    if (reset) CutConnection(port_, peer);
    return false;
  };
  response.set_content_provider(whole, answer.content_type, provide);
}

void HttpServer::Drip(WireAnswer answer, httplib::Response& response) {
  auto body = std::make_shared<std::string>(std::move(answer.body));
  const auto provide = [this, body, piece = answer.drip_bytes, every = answer.drip_every](size_t offset, size_t,
                                                                                          httplib::DataSink& sink) {
    if (offset > 0 && !SleepUntil(simulator_.clock().Monotonic() + every)) return false;
    return sink.write(body->data() + offset, std::min(piece, body->size() - offset));
  };
  response.set_content_provider(body->size(), answer.content_type, provide);
}

void HttpServer::Send(const httplib::Request& request, WireAnswer answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  if (answer.cut == WireAnswer::Cut::kReset) return CutConnection(port_, request.remote_port);
  if (answer.cut != WireAnswer::Cut::kNone) return SendPart(request, std::move(answer), response);
  if (answer.drip_bytes > 0) return Drip(std::move(answer), response);
  // Compressed here and not by the library, which knows only its default level (and leaves types with a charset alone).
  const bool gzip = absl::StrContains(request.get_header_value("Accept-Encoding"), "gzip");
  if (gzip && answer.body.size() >= kSmallestGzip) {
    std::string packed = Gzip(answer.body);
    if (!packed.empty()) {
      response.set_header("Content-Encoding", "gzip");
      answer.body = std::move(packed);
    }
  }
  response.body = std::move(answer.body);
  response.set_header("Content-Type", answer.content_type);
}

}  // namespace tikhaul::simulator
