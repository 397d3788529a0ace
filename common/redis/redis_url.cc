#include "common/redis/redis_url.h"

#include <sys/un.h>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/redis/redis.h"

namespace tikhaul {
namespace {

absl::Status Refuse(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("redis address: ", what,
                   "; expected \"redis://[user:password@]host:port[/database]\" (\"rediss://\" with TLS) or "
                   "\"unix:/absolute/path\""));
}

absl::StatusOr<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) || !absl::ascii_isxdigit(text[i + 2])) {
      return Refuse("a \"%\" in user or password is not followed by two hexadecimal digits (write it as %25)");
    }
    decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

absl::StatusOr<RedisAddress> ParseUnix(absl::string_view path) {
  if (!absl::StartsWith(path, "/")) return Refuse("the path of the socket must be absolute");
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Refuse(absl::StrCat("the path of the socket is longer than ", sizeof(sockaddr_un::sun_path) - 1, " bytes"));
  }
  RedisAddress address;
  address.socket_path = std::string(path);
  return address;
}

absl::Status ParseCredentials(absl::string_view text, RedisAddress& address) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return Refuse("before \"@\" there must be \"user:password\" or \":password\"");
  ASSIGN_OR_RETURN(address.user, PercentDecode(text.substr(0, colon)));
  ASSIGN_OR_RETURN(std::string password, PercentDecode(text.substr(colon + 1)));
  if (password.empty()) return Refuse("the password is empty");
  address.password = Secret(std::move(password));
  return absl::OkStatus();
}

absl::Status ParseHostAndPort(absl::string_view text, RedisAddress& address) {
  const size_t bracket = text.find(']');  // of an IPv6 address, whose colons are not the port's
  const size_t colon = text.find(':', bracket == absl::string_view::npos ? 0 : bracket);
  absl::string_view host = text.substr(0, colon);
  if (bracket != absl::string_view::npos) {
    if (!absl::ConsumePrefix(&host, "[") || !absl::ConsumeSuffix(&host, "]")) {
      return Refuse("brackets belong around an IPv6 address only");
    }
  }
  if (host.empty()) return Refuse("the host is missing");
  address.host = std::string(host);
  if (colon == absl::string_view::npos) return absl::OkStatus();
  if (!absl::SimpleAtoi(text.substr(colon + 1), &address.port) || address.port < 1 || address.port > 65535) {
    return Refuse("the port is not a number from 1 to 65535");
  }
  return absl::OkStatus();
}

absl::StatusOr<RedisAddress> ParseTcp(absl::string_view rest, bool tls) {
  RedisAddress address;
  address.tls = tls;
  if (const size_t at = rest.rfind('@'); at != absl::string_view::npos) {
    RETURN_IF_ERROR(ParseCredentials(rest.substr(0, at), address));
    rest.remove_prefix(at + 1);
  }
  if (const size_t slash = rest.find('/'); slash != absl::string_view::npos) {
    const absl::string_view database = rest.substr(slash + 1);
    if (!database.empty() && (!absl::SimpleAtoi(database, &address.database) || address.database < 0)) {
      return Refuse("the database after \"/\" is not a number");
    }
    rest = rest.substr(0, slash);
  }
  RETURN_IF_ERROR(ParseHostAndPort(rest, address));
  return address;
}

}  // namespace

std::string RedisAddress::Describe() const {
  if (!socket_path.empty()) return absl::StrCat("unix:", socket_path);
  const std::string shown = absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : host;
  const std::string tail = database == 0 ? "" : absl::StrCat("/", database);
  return absl::StrCat(tls ? "rediss://" : "redis://", shown, ":", port, tail);
}

absl::StatusOr<RedisAddress> ParseRedisUrl(const std::string& url) {
  absl::string_view rest = url;
  if (absl::ConsumePrefix(&rest, "unix:")) return ParseUnix(rest);
  if (absl::ConsumePrefix(&rest, "redis://")) return ParseTcp(rest, /*tls=*/false);
  if (absl::ConsumePrefix(&rest, "rediss://")) return ParseTcp(rest, /*tls=*/true);
  return Refuse("it begins with neither \"redis://\" nor \"rediss://\" nor \"unix:\"");
}

absl::Status CheckRedisUrl(const std::string& url) { return ParseRedisUrl(url).status(); }

}  // namespace tikhaul
