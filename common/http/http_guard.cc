#include "common/http/http_guard.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/log.h"
#include "common/base/process.h"

namespace tikhaul {
namespace {

constexpr char kCookie[] = "tikhaul_session";

std::string HeaderOf(const HttpRequest& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

std::string BearerOf(const HttpRequest& request) {
  const std::string value = HeaderOf(request, "authorization");
  absl::string_view token = value;
  return absl::StartsWithIgnoreCase(token, "Bearer ") ? std::string(absl::StripAsciiWhitespace(token.substr(7))) : "";
}

std::string CookieOf(const HttpRequest& request) {
  for (absl::string_view pair : absl::StrSplit(HeaderOf(request, "cookie"), ';')) {
    pair = absl::StripAsciiWhitespace(pair);
    if (absl::ConsumePrefix(&pair, kCookie) && absl::ConsumePrefix(&pair, "=")) return std::string(pair);
  }
  return "";
}

// A member of a form, as browsers send it: "%2B" is "+", "+" a space.
std::string FormMember(absl::string_view form, absl::string_view name) {
  for (absl::string_view pair : absl::StrSplit(form, '&')) {
    if (!absl::ConsumePrefix(&pair, name) || !absl::ConsumePrefix(&pair, "=")) continue;
    std::string value;
    for (size_t i = 0; i < pair.size(); ++i) {
      const absl::string_view hex = pair.substr(std::min(i + 1, pair.size()), 2);
      const bool escaped =
          pair[i] == '%' && hex.size() == 2 && absl::ascii_isxdigit(hex[0]) && absl::ascii_isxdigit(hex[1]);
      value += escaped ? absl::HexStringToBytes(hex) : std::string(1, pair[i] == '+' ? ' ' : pair[i]);
      if (escaped) i += 2;
    }
    return std::string(absl::StripAsciiWhitespace(value));
  }
  return "";
}

// A form on another site cannot log anybody in or out.
bool FromElsewhere(const HttpRequest& request) {
  const std::string origin = HeaderOf(request, "origin"), host = HeaderOf(request, "host");
  return !origin.empty() && origin != absl::StrCat("http://", host) && origin != absl::StrCat("https://", host);
}

int StatusOf(const absl::Status& refusal) {
  if (absl::IsResourceExhausted(refusal)) return 429;
  return absl::IsPermissionDenied(refusal) ? 403 : 401;
}

HttpAnswer Refuse(const absl::Status& refusal) {
  HttpAnswer answer{.status = StatusOf(refusal), .body = absl::StrCat(refusal.message(), "\n")};
  if (answer.status == 401) answer.headers["WWW-Authenticate"] = "Bearer realm=\"tikhaul\"";
  if (answer.status == 429) answer.headers["Retry-After"] = "60";
  answer.headers["Cache-Control"] = "no-store";
  return answer;
}

HttpAnswer GoTo(const std::string& path) {
  HttpAnswer answer;
  answer.status = 303;
  answer.headers = {{"Location", path}, {"Cache-Control", "no-store"}};
  return answer;
}

// Makes room for one more; `old` says which of two entries goes first.
template <typename Map, typename Older>
void KeepRoom(Map& map, size_t most, Older older) {
  if (map.size() < most) return;
  map.erase(std::min_element(map.begin(), map.end(),
                             [&](const auto& a, const auto& b) { return older(a.second, b.second); }));
}

}  // namespace

std::string HttpGuard::TokenOfSession(const HttpRequest& request) {
  const std::string id = CookieOf(request);
  if (id.empty()) return "";
  MutexLock lock(mu_);
  const auto session = sessions_.find(id);
  if (session == sessions_.end()) return "";
  if (session->second.ends > clock_.Monotonic()) return session->second.token.Reveal();
  sessions_.erase(session);
  return "";
}

absl::StatusOr<std::string> HttpGuard::Check(const TokenCheck& check, const HttpRequest& request,
                                             const std::string& token) {
  const absl::Duration now = clock_.Monotonic();
  {
    MutexLock lock(mu_);
    const auto known = failures_.find(request.peer);
    if (known != failures_.end() && now - known->second.since >= absl::Minutes(1)) failures_.erase(known);
    const auto failures = failures_.find(request.peer);
    if (failures != failures_.end() && failures->second.count >= options_.failures_per_minute)
      return absl::ResourceExhaustedError("too many unknown tokens came from this address: wait a minute");
  }
  absl::StatusOr<std::string> name = check(token);
  if (!absl::IsUnauthenticated(name.status())) return name;
  MutexLock lock(mu_);
  if (!failures_.contains(request.peer)) {
    KeepRoom(failures_, options_.most_addresses,
             [](const Failures& a, const Failures& b) { return a.since < b.since; });
    failures_[request.peer].since = now;
  }
  ++failures_[request.peer].count;
  return name;
}

std::string HttpGuard::Cookie(const std::string& value, absl::Duration age) const {
  return absl::StrCat(kCookie, "=", value, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=", absl::ToInt64Seconds(age),
                      options_.secure ? "; Secure" : "");
}

std::string HttpGuard::Open(const std::string& token) {
  const std::string id = absl::StrCat(RandomId(), RandomId());
  MutexLock lock(mu_);
  KeepRoom(sessions_, options_.most_sessions, [](const Session& a, const Session& b) { return a.ends < b.ends; });
  sessions_[id] = {.token = Secret(token), .ends = clock_.Monotonic() + options_.session};
  return id;
}

HttpHandler HttpGuard::Behind(TokenCheck check, HttpHandler handler, std::string login) {
  return [this, check = std::move(check), handler = std::move(handler),
          login = std::move(login)](const HttpRequest& request) -> HttpAnswer {
    std::string token = BearerOf(request);
    const bool shown = !token.empty();
    if (!shown) token = TokenOfSession(request);
    if (token.empty()) {
      if (!login.empty()) return GoTo(login);
      return Refuse(
          absl::UnauthenticatedError("show a bearer token of a viewer or operator (Authorization: Bearer ...)"));
    }
    const absl::StatusOr<std::string> name = shown ? Check(check, request, token) : check(token);
    if (!name.ok()) return Refuse(name.status());
    HttpRequest known = request;
    known.headers["authorization"] = absl::StrCat("Bearer ", token);
    HttpAnswer answer = handler(known);
    if (!shown) answer.headers["Tikhaul-Session"] = "yes";
    return answer;
  };
}

HttpHandler HttpGuard::Login(TokenCheck check, std::string home,
                             std::function<HttpAnswer(const std::string& why)> again) {
  return [this, check = std::move(check), home = std::move(home),
          again = std::move(again)](const HttpRequest& request) -> HttpAnswer {
    const auto refuse = [&](const absl::Status& refusal) {
      HttpAnswer answer = again(std::string(refusal.message()));
      answer.status = StatusOf(refusal);
      return answer;
    };
    if (FromElsewhere(request)) return refuse(absl::PermissionDeniedError("this form belongs to another site"));
    const std::string token = FormMember(request.body, "token");
    if (token.empty()) return refuse(absl::UnauthenticatedError("a token is needed"));
    const absl::StatusOr<std::string> name = Check(check, request, token);
    if (!name.ok()) {
      LogWarning("a login to the status page was refused", {{"peer", request.peer}, {"why", name.status().message()}});
      return refuse(name.status());
    }
    LogInfo("logged in to the status page", {{"identity", *name}, {"peer", request.peer}});
    HttpAnswer answer = GoTo(home);
    answer.headers["Set-Cookie"] = Cookie(Open(token), options_.session);
    return answer;
  };
}

HttpHandler HttpGuard::Logout(std::string login) {
  return [this, login = std::move(login)](const HttpRequest& request) -> HttpAnswer {
    if (FromElsewhere(request)) return {.status = 403, .body = "this form belongs to another site\n"};
    {
      MutexLock lock(mu_);
      sessions_.erase(CookieOf(request));
    }
    HttpAnswer answer = GoTo(login);
    answer.headers["Set-Cookie"] = Cookie("", absl::ZeroDuration());
    return answer;
  };
}

}  // namespace tikhaul
