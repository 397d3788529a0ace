#include "tests/integration/tiktok/loopback_api.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

std::string BaseUrlOf(int port) { return absl::StrCat("http://127.0.0.1:", port, "/open_api/v1.3/"); }

}  // namespace

LoopbackApi::LoopbackApi(Handler handler) : server_(std::make_unique<httplib::Server>()) {
  server_->new_task_queue = [] { return new httplib::ThreadPool(48); };
  server_->set_keep_alive_max_count(1'000'000);
  server_->set_tcp_nodelay(true);
  const auto serve = [this, handler = std::move(handler)](const httplib::Request& request,
                                                          httplib::Response& response) {
    {
      MutexLock lock(mu_);
      ++requests_;
      client_ports_.insert(request.remote_port);
    }
    handler(request, response);
  };
  server_->Get(".*", serve);
  server_->Post(".*", serve);
  port_ = server_->bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

LoopbackApi::~LoopbackApi() {
  server_->stop();
  thread_.join();
}

std::string LoopbackApi::base_url() const { return BaseUrlOf(port_); }

int LoopbackApi::requests() const {
  MutexLock lock(mu_);
  return requests_;
}

int LoopbackApi::connections() const {
  MutexLock lock(mu_);
  return static_cast<int>(client_ports_.size());
}

RawServer::RawServer(std::function<std::string(int)> answer) : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
  listen(listener_, 16);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] {
    while (true) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      MutexLock lock(mu_);
      fds_.push_back(fd);
      serving_.emplace_back([this, fd] { Serve(fd); });
    }
  });
}

RawServer::~RawServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
  std::vector<std::thread> serving;
  {
    MutexLock lock(mu_);
    for (const int fd : fds_) shutdown(fd, SHUT_RDWR);
    serving.swap(serving_);
  }
  for (std::thread& thread : serving) thread.join();
  MutexLock lock(mu_);
  for (const int fd : fds_) close(fd);
}

void RawServer::Serve(int fd) {
  std::string input;
  char buffer[4096];
  while (true) {
    const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
    if (got <= 0) return;
    input.append(buffer, static_cast<size_t>(got));
    const size_t end = input.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    input.erase(0, end + 4);
    int number = 0;
    {
      MutexLock lock(mu_);
      number = ++requests_;
    }
    const std::string answer = answer_(number);
    if (answer.empty()) {
      shutdown(fd, SHUT_RDWR);
      return;
    }
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
}

std::string RawServer::base_url() const { return BaseUrlOf(port_); }

int RawServer::requests() const {
  MutexLock lock(mu_);
  return requests_;
}

std::string Envelope(int code, const std::string& message, const std::string& data) {
  return absl::StrCat(R"({"code":)", code, R"(,"message":")", message, R"(","request_id":"20260101ABC","data":)", data,
                      "}");
}

}  // namespace tikhaul
