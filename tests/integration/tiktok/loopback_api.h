// HTTP servers on loopback for tests of the transport.
#ifndef TIKHAUL_TESTS_INTEGRATION_TIKTOK_LOOPBACK_API_H_
#define TIKHAUL_TESTS_INTEGRATION_TIKTOK_LOOPBACK_API_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace tikhaul {

// Serves every GET and POST with one handler. Thread-safe.
class LoopbackApi {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;
  explicit LoopbackApi(Handler handler);
  ~LoopbackApi();

  std::string base_url() const;  // "http://127.0.0.1:<port>/open_api/v1.3/"
  int requests() const;
  int connections() const;  // distinct ones that carried a request

 private:
  const std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  mutable Mutex mu_;
  int requests_ ABSL_GUARDED_BY(mu_) = 0;
  std::set<int> client_ports_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

// Answers at the level of bytes: `answer` gets the number of the request (from 1, over all connections) and returns
// what is to be sent; an empty answer closes the connection. Connections are served at the same time.
class RawServer {
 public:
  explicit RawServer(std::function<std::string(int)> answer);
  ~RawServer();
  std::string base_url() const;
  int requests() const;

 private:
  void Serve(int fd);
  const std::function<std::string(int)> answer_;
  int listener_ = -1;
  int port_ = 0;
  mutable Mutex mu_;
  int requests_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<int> fds_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> serving_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

// A whole answer of the API.
std::string Envelope(int code, const std::string& message, const std::string& data = "{}");

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_TIKTOK_LOOPBACK_API_H_
