// A small HTTP server: fixed paths, short answers, no changes.
#ifndef TIKHAUL_COMMON_HTTP_HTTP_SERVER_H_
#define TIKHAUL_COMMON_HTTP_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace tikhaul {

struct HttpRequest {
  std::string path;
  std::map<std::string, std::string> query;    // the last of each name
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body = {};                       // of a POST; at most 64 KiB
  std::string peer = {};                       // address of whoever asks
};

struct HttpAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::map<std::string, std::string> headers = {};
};

// Called by several threads at once. A thrown exception is an answer of 500.
using HttpHandler = std::function<HttpAnswer(const HttpRequest&)>;

// PEM files, read again when they change.
struct HttpTls {
  std::string certificate_file;  // with those of its issuers
  std::string key_file;
};

// Serves from Start() until it is destroyed, which waits for the answers under way.
class HttpServer {
 public:
  // `listen`: "host:port" of the configuration; port 0: any. `handlers` by path ("/x": GET and HEAD) or by method and
  // path ("POST /x"); all other paths are answered with 404, all other methods with 405. With `tls`, HTTPS alone is
  // served. UNAVAILABLE when the address cannot be used, FAILED_PRECONDITION when the certificate cannot.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& listen,
                                                           std::map<std::string, HttpHandler> handlers,
                                                           const std::optional<HttpTls>& tls = std::nullopt);
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
