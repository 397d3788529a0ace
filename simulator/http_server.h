// The simulator on a socket. The one home of cpp-httplib here.
#ifndef TIKHAUL_SIMULATOR_HTTP_SERVER_H_
#define TIKHAUL_SIMULATOR_HTTP_SERVER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "simulator/simulator.h"

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace tikhaul::simulator {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: a free one
  // A connection that is kept alive occupies one thread, a slow answer too.
  int threads = 256;
};

// Serves until Stop() or destruction. Borrows the simulator.
class HttpServer {
 public:
  explicit HttpServer(Simulator& simulator);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // The port. UNAVAILABLE when the address cannot be bound. Call once.
  absl::StatusOr<int> Start(const ServerOptions& options);
  // Wakes delayed answers and waits for the threads. May be called again.
  void Stop();

 private:
  void Serve(const httplib::Request& request, httplib::Response& response);
  void Send(const httplib::Request& request, WireAnswer answer, httplib::Response& response);
  void SendPart(const httplib::Request& request, WireAnswer answer, httplib::Response& response);
  void Drip(WireAnswer answer, httplib::Response& response);
  // False when the server stops first.
  bool SleepUntil(absl::Duration monotonic);

  Simulator& simulator_;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
  std::atomic<bool> ended_{false};
  int port_ = 0;
  Mutex mu_;
  CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_HTTP_SERVER_H_
