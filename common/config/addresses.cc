#include "common/config/addresses.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kProduction = "https://business-api.tiktok.com/open_api/v1.3/";
constexpr absl::string_view kSandboxHost = "sandbox-ads.tiktok.com";
constexpr absl::string_view kSandbox = "https://sandbox-ads.tiktok.com/open_api/v1.3/";
constexpr size_t kLongestSocketPath = 107;  // sockaddr_un::sun_path, without its closing zero byte

absl::Status Refuse(absl::string_view message) { return absl::InvalidArgumentError(message); }

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

bool IsLoopback(absl::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return absl::StartsWith(host, "127.") &&
         std::all_of(host.begin(), host.end(), [](char c) { return absl::ascii_isdigit(c) || c == '.'; });
}

// A name or an IPv4 address, or an IPv6 address in brackets.
bool IsHost(absl::string_view host) {
  const bool brackets = absl::ConsumePrefix(&host, "[");
  if (brackets && !absl::ConsumeSuffix(&host, "]")) return false;
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    return brackets ? absl::ascii_isxdigit(c) || c == ':' || c == '.'
                    : absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
  });
}

bool IsPort(absl::string_view port) {
  int number = 0;
  return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(port, &number) && number <= 65535;
}

// "host:port" or "host"; the colons of an IPv6 address in brackets are not the port's.
std::pair<absl::string_view, absl::string_view> SplitPort(absl::string_view authority) {
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == absl::string_view::npos ? 0 : bracket);
  if (colon == absl::string_view::npos) return {authority, ""};
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

absl::StatusOr<std::string> SocketPath(absl::string_view text, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string path, AbsolutePath(text, folder));
  if (path.size() <= kLongestSocketPath) return absl::StrCat("unix:", path);
  return Refuse(absl::StrCat("the path of the socket has ", path.size(), " bytes, at most ", kLongestSocketPath,
                             " are possible"));
}

// "%41" as "A": a password is written so in a URL, and may be met in either form.
std::string Unescaped(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const absl::string_view hex = text.substr(std::min(i + 1, text.size()), 2);
    const bool escaped =
        text[i] == '%' && hex.size() == 2 && absl::ascii_isxdigit(hex[0]) && absl::ascii_isxdigit(hex[1]);
    plain += escaped ? absl::HexStringToBytes(hex) : std::string(1, text[i]);
    if (escaped) i += 2;
  }
  return plain;
}

void RegisterPassword(absl::string_view text) {
  Secret{std::string(text)};
  Secret{Unescaped(text)};
}

// What follows "postgresql://". libpq reads it; here only what would be noticed late, or must be kept from messages.
absl::Status CheckPostgres(absl::string_view rest) {
  constexpr absl::string_view kForms =
      "PostgreSQL is written postgresql://user@host:5432/database?sslmode=verify-full, with special characters as %XX";
  const size_t question = rest.find('?');
  const absl::string_view address = rest.substr(0, question);
  const size_t at = address.rfind('@');
  const absl::string_view user = at == absl::string_view::npos ? "" : address.substr(0, at);
  if (const size_t colon = user.find(':'); colon != absl::string_view::npos) RegisterPassword(user.substr(colon + 1));
  const absl::string_view place = at == absl::string_view::npos ? address : address.substr(at + 1);
  const size_t slash = place.find('/');
  if (slash == absl::string_view::npos || slash + 1 == place.size()) {
    return Refuse(absl::StrCat(kForms, "; the database is missing"));
  }
  if (question == absl::string_view::npos) return absl::OkStatus();
  for (const absl::string_view option : absl::StrSplit(rest.substr(question + 1), '&')) {
    if (option.find('=') == absl::string_view::npos) return Refuse(absl::StrCat(kForms, "; an option has no \"=\""));
    for (absl::string_view name : {"password=", "sslpassword="}) {
      if (absl::StartsWith(option, name)) RegisterPassword(option.substr(name.size()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ExpandVariables(absl::string_view text) {
  std::string expanded;
  while (!text.empty()) {
    const size_t start = text.find("${");
    absl::StrAppend(&expanded, text.substr(0, start));
    if (start == absl::string_view::npos) break;
    const size_t end = text.find('}', start);
    if (end == absl::string_view::npos) return Refuse("\"${\" without \"}\"");
    const std::string name(text.substr(start + 2, end - start - 2));
    if (!IsVariableName(name)) return Refuse(absl::StrCat("\"${", name, "}\" does not name an environment variable"));
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return Refuse(absl::StrCat("environment variable ", name, " is not set"));
    absl::StrAppend(&expanded, value);
    text.remove_prefix(end + 1);
  }
  return expanded;
}

absl::StatusOr<std::string> AbsolutePath(absl::string_view text, const std::string& folder) {
  if (text.empty()) return Refuse("the path is empty");
  if (absl::StartsWith(text, "~")) return Refuse("\"~\" is not replaced here: write the whole path");
  return (std::filesystem::path(folder) / std::string(text)).lexically_normal().string();
}

absl::StatusOr<std::string> ParsePath(absl::string_view text, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string path, ExpandVariables(text));
  return AbsolutePath(path, folder);
}

absl::StatusOr<std::string> ParseStore(absl::string_view text, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string expanded, ExpandVariables(text));
  absl::string_view rest = expanded;
  if (absl::ConsumePrefix(&rest, "sqlite:")) {
    ASSIGN_OR_RETURN(const std::string path, AbsolutePath(rest, folder));
    return absl::StrCat("sqlite:", path);
  }
  if (absl::ConsumePrefix(&rest, "postgresql://") || absl::ConsumePrefix(&rest, "postgres://")) {
    RETURN_IF_ERROR(CheckPostgres(rest));
    return expanded;
  }
  return Refuse("a store is written sqlite:path/to/file.db or postgresql://user@host/database");
}

std::string ShownStore(absl::string_view store) {
  const size_t scheme = store.find("://");
  if (scheme == absl::string_view::npos) return std::string(store);
  const absl::string_view rest = store.substr(scheme + 3, store.find('?') - (scheme + 3));
  const size_t at = rest.rfind('@');
  return absl::StrCat("postgresql://", at == absl::string_view::npos ? rest : rest.substr(at + 1));
}

absl::StatusOr<std::string> ParseRedis(absl::string_view text, const std::string& folder) {
  constexpr absl::string_view kForms =
      "an address is redis://[user:password@]host:port[/database], rediss:// with TLS, or unix:path";
  ASSIGN_OR_RETURN(const std::string expanded, ExpandVariables(text));
  absl::string_view rest = expanded;
  if (absl::ConsumePrefix(&rest, "unix:")) return SocketPath(rest, folder);
  if (!absl::ConsumePrefix(&rest, "redis://") && !absl::ConsumePrefix(&rest, "rediss://")) return Refuse(kForms);
  if (const size_t at = rest.rfind('@'); at != absl::string_view::npos) {
    const absl::string_view credentials = rest.substr(0, at);
    const size_t colon = credentials.find(':');
    if (colon == absl::string_view::npos) return Refuse(absl::StrCat(kForms, "; before \"@\" the \":\" is missing"));
    RegisterPassword(credentials.substr(colon + 1));
    rest.remove_prefix(at + 1);
  }
  const auto [host, port] = SplitPort(rest.substr(0, rest.find('/')));
  if (!IsHost(host)) return Refuse(absl::StrCat(kForms, "; the host is missing or not one"));
  if (!port.empty() && !IsPort(port)) return Refuse(absl::StrCat(kForms, "; the port is not one"));
  return expanded;
}

absl::StatusOr<ApiBase> ParseApiBase(absl::string_view text) {
  if (text == "production") return ApiBase{std::string(kProduction), false};
  if (text == "sandbox") return ApiBase{std::string(kSandbox), true};
  absl::string_view rest = text;
  const bool plain = absl::ConsumePrefix(&rest, "http://");
  if (!plain && !absl::ConsumePrefix(&rest, "https://")) {
    return Refuse(
        absl::StrCat("\"", text, "\" is not an address: write production, sandbox, or a URL such as ", kProduction));
  }
  const auto [host, port] = SplitPort(rest.substr(0, rest.find('/')));
  const bool clean = std::all_of(rest.begin(), rest.end(), [](char c) {
    return absl::ascii_isgraph(c) && c != '?' && c != '#' && c != '@' && c != '\\';
  });
  if (!clean || !IsHost(host) || (!port.empty() && !IsPort(port))) {
    return Refuse(absl::StrCat("\"", text, "\" is not the address of an API: a scheme, a host and a path, such as ",
                               kProduction));
  }
  if (plain && !IsLoopback(host)) {
    return Refuse(
        absl::StrCat("\"", text, "\" would send the token unencrypted: write https (http is for this machine only)"));
  }
  return ApiBase{absl::StrCat(text, absl::EndsWith(text, "/") ? "" : "/"), host == kSandboxHost};
}

absl::StatusOr<ListenAddress> ParseListen(absl::string_view text, const std::string& folder) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    ASSIGN_OR_RETURN(std::string path, SocketPath(rest, folder));
    return ListenAddress{std::move(path), true};
  }
  const auto [host, port] = SplitPort(text);
  if (!IsHost(host) || !IsPort(port)) {
    return Refuse(
        absl::StrCat("\"", text, "\" is not an address: write host:port, such as 127.0.0.1:7733, or unix:path"));
  }
  return ListenAddress{std::string(text), IsLoopback(host)};
}

absl::StatusOr<ListenAddress> ParseHttp(absl::string_view text) {
  const auto [host, port] = SplitPort(text);
  if (!IsHost(host) || !IsPort(port)) {
    return Refuse(absl::StrCat("\"", text, "\" is not an address for HTTP: write host:port, such as 127.0.0.1:7780"));
  }
  return ListenAddress{std::string(text), IsLoopback(host)};
}

}  // namespace tikhaul
