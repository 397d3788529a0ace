#include "common/tiktok/oauth.h"

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/tiktok/envelope.h"
#include "common/tiktok/error_rules.h"
#include "common/tiktok/exchange.h"
#include "common/tiktok/exchange_text.h"

namespace tikhaul {
namespace {

using nlohmann::json;

constexpr char kPortal[] = "https://business-api.tiktok.com/portal/auth";

std::string Encoded(const std::string& text) {
  const std::unique_ptr<char, void (*)(void*)> encoded(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), curl_free);
  return encoded == nullptr ? "" : encoded.get();
}

std::string Decoded(absl::string_view text) {
  if (text.empty()) return "";  // libcurl would look for its end
  int length = 0;
  const std::unique_ptr<char, void (*)(void*)> decoded(
      curl_easy_unescape(nullptr, text.data(), static_cast<int>(text.size()), &length), curl_free);
  return decoded == nullptr ? "" : std::string(decoded.get(), static_cast<size_t>(length));
}

// The value of a query parameter; empty when it is not there.
std::string QueryValue(absl::string_view query, absl::string_view name) {
  for (const absl::string_view part : absl::StrSplit(query, '&')) {
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (pair.first == name) return Decoded(pair.second);
  }
  return "";
}

// What to do about the refusals of section 3.5 that a user meets here.
absl::string_view Advice(int code) {
  switch (code) {
    case 40101:
      return "; app.id and the app's secret must belong together, and the code must be the one of this app: begin "
             "again "
             "with `tikhaul auth url`";
    case 40105:
      return "; the token is wrong, or was revoked before";
    case 40110:
      return "; a code works once and for an hour at most: begin again with `tikhaul auth url`";
    case 40113:
      return "; check app.id: the app is unknown or blocked, or the code is another app's";
    default:
      return "";
  }
}

absl::Status Refused(const Envelope& envelope) {
  const std::string message =
      absl::StrCat("the API says: ", ValidUtf8(Redact(envelope.message)), " (code ", envelope.code, ", request id ",
                   ValidUtf8(envelope.request_id), ")", Advice(envelope.code));
  switch (ClassifyCode(envelope.code, envelope.message)) {
    case FailureClass::kAuth:
      return absl::UnauthenticatedError(message);
    case FailureClass::kTransient:
    case FailureClass::kUnreachable:
    case FailureClass::kThrottled:
      return absl::UnavailableError(message);
    default:
      return absl::FailedPreconditionError(message);
  }
}

// The member `data` of the answer.
absl::StatusOr<json> Post(const OAuthApp& app, const std::string& path, const json& body) {
  ASSIGN_OR_RETURN(const BaseUrl base, ParseBaseUrl(app.base_url));
  RETURN_IF_ERROR(CheckBaseUrl(app.base_url));
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  TransportOptions options;
  options.base_url = app.base_url;
  const ApiCall call{.path = path, .params = {}, .token = {}, .json_body = Secret(body.dump())};
  Exchange exchange(easy.get(), options, base, call, [] { return true; });
  if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK) {
    return absl::UnavailableError(absl::StrCat("cannot reach the API at ", base.host, " port ", base.port, ": ",
                                               Redact(exchange.ErrorText(code))));
  }
  const std::string text = exchange.TakeBody();
  const std::optional<Envelope> envelope = ReadEnvelope(text);
  if (!envelope.has_value()) {
    return absl::UnavailableError(absl::StrCat("the API answers with HTTP status ", exchange.http_status(),
                                               " and without its JSON envelope; try again later"));
  }
  if (!IsSuccessCode(envelope->code)) return Refused(*envelope);
  const json answer = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object() || !answer.contains("data") || !answer["data"].is_object()) {
    return absl::DataLossError("the API's answer holds no data");
  }
  return answer["data"];
}

// Ids come as texts; numbers are taken too.
std::vector<std::string> Texts(const json& data, const char* member) {
  std::vector<std::string> texts;
  const auto found = data.find(member);
  if (found == data.end() || !found->is_array()) return texts;
  for (const json& element : *found) texts.push_back(element.is_string() ? element.get<std::string>() : element.dump());
  return texts;
}

json AppFields(const OAuthApp& app) { return {{"app_id", app.id}, {"secret", app.secret.Reveal()}}; }

}  // namespace

std::string PortalUrl(const std::string& app_id, const std::string& state, const std::string& redirect_uri) {
  return absl::StrCat(kPortal, "?app_id=", Encoded(app_id), "&state=", Encoded(state),
                      "&redirect_uri=", Encoded(redirect_uri));
}

absl::StatusOr<Redirect> ReadRedirect(const std::string& address) {
  const absl::string_view text = absl::StripAsciiWhitespace(address);
  const size_t mark = text.find('?');
  if (mark == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "this is not the address to which the browser was sent back: it holds ?auth_code=...&state=...");
  }
  const absl::string_view query = text.substr(mark + 1, text.find('#', mark) - mark - 1);
  Redirect redirect;
  redirect.state = QueryValue(query, "state");
  std::string code = QueryValue(query, "auth_code");
  if (code.empty()) code = QueryValue(query, "code");
  if (code.empty()) {
    const std::string error = QueryValue(query, "error");
    if (!error.empty()) {
      return absl::PermissionDeniedError(absl::StrCat("access was not granted: ", ValidUtf8(Redact(error))));
    }
    return absl::InvalidArgumentError("the address holds no auth_code: copy the whole of it from the browser");
  }
  redirect.code = Secret(std::move(code));
  return redirect;
}

absl::StatusOr<TokenGrant> ExchangeCode(const OAuthApp& app, const Secret& code) {
  json body = AppFields(app);
  body["auth_code"] = code.Reveal();
  ASSIGN_OR_RETURN(const json data, Post(app, "oauth2/access_token/", body));
  const auto token = data.find("access_token");
  if (token == data.end() || !token->is_string() || token->get_ref<const std::string&>().empty()) {
    return absl::DataLossError("the API's answer holds no access_token");
  }
  TokenGrant grant;
  grant.token = Secret(token->get<std::string>());
  grant.advertisers = Texts(data, "advertiser_ids");
  if (const auto scopes = data.find("scope"); scopes != data.end() && scopes->is_array()) {
    for (const json& scope : *scopes) {
      if (scope.is_number_integer()) grant.scopes.push_back(scope.get<int64_t>());
    }
  }
  return grant;
}

absl::StatusOr<std::vector<std::string>> RevokeToken(const OAuthApp& app, const Secret& token) {
  json body = AppFields(app);
  body["access_token"] = token.Reveal();
  ASSIGN_OR_RETURN(const json data, Post(app, "oauth2/revoke_token/", body));
  return Texts(data, "advertiser_ids");
}

std::string ScopeName(int64_t scope) {
  static constexpr std::array kNames = {"ad account management",
                                        "ads management",
                                        "audiences",
                                        "reporting",
                                        "measurement",
                                        "creatives",
                                        "apps",
                                        "pixels",
                                        "catalogs",
                                        "ad account information"};
  if (scope >= 1 && scope <= static_cast<int64_t>(kNames.size())) return kNames[static_cast<size_t>(scope - 1)];
  return absl::StrCat("scope ", scope);
}

}  // namespace tikhaul
