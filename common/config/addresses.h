// Paths and addresses of tikhaul.yaml. Failures are INVALID_ARGUMENT; messages never repeat what may hold a password.
#ifndef TIKHAUL_COMMON_CONFIG_ADDRESSES_H_
#define TIKHAUL_COMMON_CONFIG_ADDRESSES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

// `text` with each ${NAME} replaced by the environment variable of that name, which must be set.
absl::StatusOr<std::string> ExpandVariables(absl::string_view text);
// Absolute and without "." and ".."; relative paths start from `folder`.
absl::StatusOr<std::string> AbsolutePath(absl::string_view text, const std::string& folder);
// Variables expanded, then AbsolutePath.
absl::StatusOr<std::string> ParsePath(absl::string_view text, const std::string& folder);
// "sqlite:path", the path made absolute, or "postgresql://[user[:password]@][host[:port]]/database[?options]";
// variables expanded. A password is registered with Redact().
absl::StatusOr<std::string> ParseStore(absl::string_view text, const std::string& folder);
// A store as messages may show it: without user, password and options.
std::string ShownStore(absl::string_view store);
// "redis://[user:password@]host:port[/db]", "rediss://..." (TLS) or "unix:path", variables expanded. A password is
// registered with Redact().
absl::StatusOr<std::string> ParseRedis(absl::string_view text, const std::string& folder);

struct ApiBase {
  std::string url;  // ends in "/"
  bool sandbox = false;
};
// "production", "sandbox", an https URL, or an http URL of this machine (tiktok-api.md 1).
absl::StatusOr<ApiBase> ParseApiBase(absl::string_view text);

struct ListenAddress {
  std::string address;  // "host:port" or "unix:/absolute/path"
  bool local = false;   // a loopback host or a Unix socket
};
absl::StatusOr<ListenAddress> ParseListen(absl::string_view text, const std::string& folder);
// "host:port", where HTTP is served.
absl::StatusOr<ListenAddress> ParseHttp(absl::string_view text);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CONFIG_ADDRESSES_H_
