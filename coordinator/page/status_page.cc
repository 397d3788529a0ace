#include "coordinator/page/status_page.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/digest.h"
#include "common/base/status_macros.h"
#include "coordinator/page/page_files.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kKeepStatus = absl::Seconds(1);
constexpr absl::Duration kKeepLists = absl::Seconds(3);
constexpr char kJson[] = "application/json";
// Nothing from elsewhere is loaded, and no page of others may show this one.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

void Protect(HttpAnswer& answer) {
  answer.headers["Content-Security-Policy"] = kPolicy;
  answer.headers["X-Content-Type-Options"] = "nosniff";
  answer.headers["X-Frame-Options"] = "DENY";
  // To others no page says whence somebody comes. "no-referrer" would hide it from our own login, too.
  answer.headers["Referrer-Policy"] = "same-origin";
  answer.headers["Cross-Origin-Opener-Policy"] = "same-origin";
  answer.headers["Cross-Origin-Resource-Policy"] = "same-origin";
}

HttpHandler Protected(HttpHandler handler) {
  return [handler = std::move(handler)](const HttpRequest& request) {
    HttpAnswer answer = handler(request);
    Protect(answer);
    return answer;
  };
}

// The body, or that the asker's copy of it is still good.
HttpAnswer Tagged(const HttpRequest& request, std::string type, std::string body) {
  const std::string tag = absl::StrCat("\"", HashHex(StableHash(body)), "\"");
  const auto known = request.headers.find("if-none-match");
  const bool same = known != request.headers.end() && known->second == tag;
  return {.status = same ? 304 : 200,
          .type = std::move(type),
          .body = same ? "" : std::move(body),
          .headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}}};
}

HttpHandler File(absl::string_view content, std::string type) {
  return [content, type = std::move(type)](const HttpRequest& request) {
    return Tagged(request, type, std::string(content));
  };
}

std::string JsonOf(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return "{}";
  return text;
}

int HttpStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 503;
  }
}

// {"error": "..."} for whatever went wrong.
HttpAnswer JsonAnswer(const HttpRequest& request, absl::StatusOr<std::string> body) {
  if (body.ok()) return Tagged(request, kJson, *std::move(body));
  google::protobuf::Struct error;
  (*error.mutable_fields())["error"].set_string_value(std::string(body.status().message()));
  return {.status = HttpStatusOf(body.status()),
          .type = kJson,
          .body = JsonOf(error),
          .headers = {{"Cache-Control", "no-store"}}};
}

std::string QueryOf(const HttpRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

std::string AuthorizationOf(const HttpRequest& request) {
  const auto found = request.headers.find("authorization");
  return found == request.headers.end() ? "" : found->second;
}

// extract, page_size and page_token.
template <typename Request>
absl::StatusOr<Request> ListRequestOf(const HttpRequest& request) {
  Request out;
  out.set_extract(QueryOf(request, "extract"));
  out.set_page_token(QueryOf(request, "page_token"));
  const std::string size = QueryOf(request, "page_size");
  uint32_t number = 0;
  if (!size.empty() && !absl::SimpleAtoi(size, &number)) return absl::InvalidArgumentError("page_size is no number");
  out.set_page_size(number);
  return out;
}

HttpAnswer LoginForm(const std::string& why) {
  const std::string shown =
      why.empty() ? ""
                  : absl::StrCat("<p class=\"why\" role=\"alert\">",
                                 absl::StrReplaceAll(why, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}}), "</p>");
  return {.type = "text/html; charset=utf-8",
          .body = absl::StrReplaceAll(kLoginHtml, {{"<!--WHY-->", shown}}),
          .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace

StatusPage::StatusPage(LeadGate& gate, const Membership& membership, const ExtractRegistry& extracts,
                       ChannelOpener open, const Clock& clock)
    : extracts_(extracts),
      lead_(gate, membership, std::move(open)),
      status_(clock, kKeepStatus),
      calendars_(clock, kKeepLists),
      dead_letters_(clock, kKeepLists) {}

HttpAnswer StatusPage::Status(const HttpRequest& request) {
  return JsonAnswer(request, status_.Get("", [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const v1::Status status, lead_.Ask(&v1::Admin::Service::GetStatus, &v1::Admin::Stub::GetStatus,
                                                        v1::GetStatusRequest(), AuthorizationOf(request)));
    return JsonOf(status);
  }));
}

HttpAnswer StatusPage::Calendar(const HttpRequest& request) {
  absl::StatusOr<v1::GetCalendarRequest> asked = ListRequestOf<v1::GetCalendarRequest>(request);
  if (!asked.ok()) return JsonAnswer(request, asked.status());
  asked->mutable_range()->set_first_day(QueryOf(request, "from"));
  asked->mutable_range()->set_last_day(QueryOf(request, "to"));
  if (const std::string advertiser = QueryOf(request, "advertiser"); !advertiser.empty())
    asked->add_advertisers(advertiser);
  return JsonAnswer(request, calendars_.Get(asked->SerializeAsString(), [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(
        const v1::GetCalendarResponse calendar,
        lead_.Ask(&v1::Admin::Service::GetCalendar, &v1::Admin::Stub::GetCalendar, *asked, AuthorizationOf(request)));
    return JsonOf(calendar);
  }));
}

HttpAnswer StatusPage::DeadLetters(const HttpRequest& request) {
  const absl::StatusOr<v1::ListDeadLettersRequest> asked = ListRequestOf<v1::ListDeadLettersRequest>(request);
  if (!asked.ok()) return JsonAnswer(request, asked.status());
  return JsonAnswer(request, dead_letters_.Get(asked->SerializeAsString(), [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(v1::ListDeadLettersResponse letters,
                     lead_.Ask(&v1::Admin::Service::ListDeadLetters, &v1::Admin::Stub::ListDeadLetters, *asked,
                               AuthorizationOf(request)));
    // Long, and for whoever looks for the cause: `tikhaul retry --list --json`.
    for (v1::DeadLetter& letter : *letters.mutable_dead_letters()) letter.clear_exchange();
    return JsonOf(letters);
  }));
}

HttpAnswer StatusPage::Extracts(const HttpRequest& request) {
  google::protobuf::Struct answer;
  google::protobuf::ListValue& list = *(*answer.mutable_fields())["extracts"].mutable_list_value();
  for (const RegisteredExtract& extract : extracts_.all()) {
    auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
    fields["name"].set_string_value(extract.spec.name());
    fields["calendar"].set_bool_value(extract.window_kind == WindowKind::kDays);
  }
  return JsonAnswer(request, JsonOf(answer));
}

std::map<std::string, HttpHandler> StatusPage::Handlers(HttpGuard& guard, const TokenCheck& check) {
  std::map<std::string, HttpHandler> handlers = {
      {"/", File(kIndexHtml, "text/html; charset=utf-8")},
      {"/page.js", File(kPageJs, "text/javascript; charset=utf-8")},
      {"/api/status", [this](const HttpRequest& request) { return Status(request); }},
      {"/api/calendar", [this](const HttpRequest& request) { return Calendar(request); }},
      {"/api/dead-letters", [this](const HttpRequest& request) { return DeadLetters(request); }},
      {"/api/extracts", [this](const HttpRequest& request) { return Extracts(request); }},
  };
  if (check != nullptr) {
    for (auto& [path, handler] : handlers)
      handler = guard.Behind(check, std::move(handler), path == "/" ? "/login" : "");
    handlers["/login"] = [](const HttpRequest&) { return LoginForm(""); };
    handlers["POST /login"] = guard.Login(check, "/", LoginForm);
    handlers["POST /logout"] = guard.Logout("/login");
  }
  handlers["/page.css"] = File(kPageCss, "text/css; charset=utf-8");
  handlers["/icon.svg"] = File(kIconSvg, "image/svg+xml");
  for (auto& [path, handler] : handlers) handler = Protected(std::move(handler));
  return handlers;
}

}  // namespace tikhaul
