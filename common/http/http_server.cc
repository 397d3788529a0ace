#include "common/http/http_server.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/http/server_certificate.h"

namespace tikhaul {
namespace {

constexpr size_t kLargestBody = 64 << 10;  // nobody has anything to send
constexpr time_t kPatienceSeconds = 10;
constexpr size_t kThreads = 32;  // one per connection
constexpr size_t kKeepAliveRequests = 100;
// A page asks every other second: its connections are not kept in between, so that few threads serve many pages.
constexpr time_t kKeepAliveSeconds = 1;

HttpRequest RequestOf(const httplib::Request& request) {
  HttpRequest out{.path = request.path, .query = {}, .headers = {}, .body = request.body, .peer = request.remote_addr};
  for (const auto& [name, value] : request.params) out.query[name] = value;
  for (const auto& [name, value] : request.headers) out.headers[absl::AsciiStrToLower(name)] = value;
  return out;
}

void Send(HttpAnswer answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  response.set_content(std::move(answer.body), answer.type);
}

// By itself httplib lets another process listen on the same port.
void ShareNoPort(socket_t fd) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(std::map<std::string, HttpHandler> handlers, std::unique_ptr<ServerCertificate> certificate)
      : handlers_(std::move(handlers)), certificate_(std::move(certificate)), server_(MakeServer()) {
    server_->set_socket_options(ShareNoPort);
    server_->set_payload_max_length(kLargestBody);
    server_->set_read_timeout(kPatienceSeconds);
    server_->set_write_timeout(kPatienceSeconds);
    server_->set_keep_alive_max_count(kKeepAliveRequests);
    server_->set_keep_alive_timeout(kKeepAliveSeconds);
    server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      Send(Answer(request), response);
    };
    // A body is read by httplib for the paths that it knows; all else is answered before it looks for one.
    server_->set_pre_routing_handler([this, answer](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "POST" && handlers_.contains("POST " + request.path))
        return httplib::Server::HandlerResponse::Unhandled;
      answer(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
    server_->Post(".*", answer);
  }
  ~Impl() {
    if (!thread_.joinable()) return;
    while (!server_->is_running()) std::this_thread::yield();  // stop() is nothing before that
    server_->stop();
    thread_.join();
  }

  absl::Status Listen(const std::string& listen) {
    const size_t colon = listen.rfind(':');
    int port = 0;
    if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port)) {
      return absl::InvalidArgumentError(absl::StrCat("cannot serve HTTP at ", listen, ": host:port is needed"));
    }
    absl::string_view host = absl::string_view(listen).substr(0, colon);
    if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
    const std::string name(host);
    port_ =
        port == 0 ? server_->bind_to_any_port(name.c_str()) : (server_->bind_to_port(name.c_str(), port) ? port : -1);
    if (port_ <= 0) {
      return absl::UnavailableError(absl::StrCat("cannot serve HTTP at ", listen,
                                                 ": another program has the port, or the host is not this machine"));
    }
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    return absl::OkStatus();
  }

  int port() const { return port_; }

 private:
  std::unique_ptr<httplib::Server> MakeServer() {
    if (certificate_ == nullptr) return std::make_unique<httplib::Server>();
    return std::make_unique<httplib::SSLServer>([this](SSL_CTX& context) {
      certificate_->Serve(context);
      return true;
    });
  }
  HttpAnswer Answer(const httplib::Request& request) const {
    const bool get = request.method == "GET" || request.method == "HEAD";
    const auto handler = handlers_.find(get ? request.path : absl::StrCat(request.method, " ", request.path));
    if (handler != handlers_.end()) return handler->second(RequestOf(request));
    if (get) return {.status = 404, .body = "there is nothing at this path\n"};
    return {.status = 405, .body = "this path does not take this method\n", .headers = {{"Allow", "GET, HEAD"}}};
  }

  const std::map<std::string, HttpHandler> handlers_;
  const std::unique_ptr<ServerCertificate> certificate_;
  const std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->port(); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& listen,
                                                              std::map<std::string, HttpHandler> handlers,
                                                              const std::optional<HttpTls>& tls) {
  std::unique_ptr<ServerCertificate> certificate;
  if (tls.has_value()) {
    ASSIGN_OR_RETURN(certificate, ServerCertificate::Load(tls->certificate_file, tls->key_file));
  }
  auto impl = std::make_unique<Impl>(std::move(handlers), std::move(certificate));
  if (absl::Status listens = impl->Listen(listen); !listens.ok()) return listens;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

}  // namespace tikhaul
