// A small HTTP server: fixed paths, short answers, read-only.
#ifndef TIKHAUL_COMMON_HTTP_HTTP_SERVER_H_
#define TIKHAUL_COMMON_HTTP_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace tikhaul {

struct HttpRequest {
  std::string path;
  std::map<std::string, std::string> query;    // the last of each name
  std::map<std::string, std::string> headers;  // names in lower case
};

struct HttpAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::map<std::string, std::string> headers = {};
};

// Called by several threads at once. A thrown exception is an answer of 500.
using HttpHandler = std::function<HttpAnswer(const HttpRequest&)>;

// Serves from Start() until it is destroyed, which waits for the answers under way.
class HttpServer {
 public:
  // `listen`: "host:port" of the configuration; port 0: any. `handlers` by path; all other paths are answered with
  // 404, all other methods than GET and HEAD with 405. UNAVAILABLE when the address cannot be used.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& listen,
                                                           std::map<std::string, HttpHandler> handlers);
  ~HttpServer();

  // Where it listens.
  int port() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_HTTP_HTTP_SERVER_H_
