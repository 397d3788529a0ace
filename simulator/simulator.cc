#include "simulator/simulator.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "simulator/accounts_endpoint.h"
#include "simulator/asset_endpoint.h"
#include "simulator/categories.h"
#include "simulator/entity_endpoint.h"
#include "simulator/gmv_max_report.h"
#include "simulator/hash.h"
#include "simulator/names.h"
#include "simulator/sandbox.h"

namespace tikhaul::simulator {
namespace {

constexpr absl::string_view kPrefix = "/open_api/v1.3/";

struct Route {
  absl::string_view path;
  absl::string_view method;
  bool needs_token;
  bool task_body = false;  // parameters come as JSON (tiktok-api.md 5)
};
constexpr Route kRoutes[] = {
    {"report/integrated/get/", "GET", true},     {"report/task/create/", "POST", true, true},
    {"report/task/check/", "GET", true},         {"report/task/download/", "GET", true},
    {"report/task/cancel/", "POST", true, true}, {"gmv_max/report/get/", "GET", true},
    {"tool/interest_category/", "GET", true},    {"advertiser/info/", "GET", true},
    {"oauth2/advertiser/get/", "GET", true},     {"user/info/", "GET", true},
    {"oauth2/access_token/", "POST", false},     {"oauth2/revoke_token/", "POST", false},
};

const Route* FindRoute(absl::string_view path) {
  for (const Route& route : kRoutes) {
    if (route.path == path) return &route;
  }
  static constexpr Route kList = {"", "GET", true};
  const bool list = FindEntityView(path) != nullptr || FindAssetKind(path) != nullptr;
  return list ? &kList : nullptr;
}

// Text that compression leaves half as long, as it does with real data.
std::string NoiseText(size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) text[i] = "0123456789abcdef"[Mix(i) % 16];
  return text;
}

WireAnswer Html(int status, absl::string_view text) {
  WireAnswer answer;
  answer.status = status;
  answer.content_type = "text/html; charset=utf-8";
  answer.body = absl::StrCat("<html><head><title>", status, "</title></head><body><h1>", status, " ", text,
                             "</h1></body></html>");
  return answer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Simulator>> Simulator::Make(const SimulatorOptions& options, const Clock& real) {
  ASSIGN_OR_RETURN(std::unique_ptr<DataSet> data_set, DataSet::Make(options.data_set, options.seed, options.anchor));
  return std::unique_ptr<Simulator>(new Simulator(options, real, std::move(data_set)));
}

Simulator::Simulator(const SimulatorOptions& options, const Clock& real, std::unique_ptr<DataSet> data_set)
    : options_(options),
      clock_(options.now, real),
      data_set_(std::move(data_set)),
      quota_(options.quota, options.endpoint_limits),
      reports_(*data_set_, options.object_limit),
      tasks_(*data_set_, options.task_time) {}

Simulator::Twist Simulator::TwistOf(const Fault& fault) {
  Twist twist;
  if (fault.kind == FaultKind::kDrift) twist.page.total_drift = fault.delta;
  if (fault.kind == FaultKind::kShift) twist.page.shift_rows = fault.rows;
  twist.page.unknown_fields = fault.kind == FaultKind::kUnknownFields;
  twist.page.numbers = fault.kind == FaultKind::kNumberStrings;
  if (fault.kind == FaultKind::kStale) twist.age = absl::Seconds(fault.seconds);
  if (fault.kind == FaultKind::kDeep) {
    const auto depth = static_cast<size_t>(std::clamp<int64_t>(fault.depth, 1, 1'000'000));
    twist.page.row_member = absl::StrCat("\"nested\":", std::string(depth, '['), std::string(depth, ']'));
  }
  if (fault.kind == FaultKind::kFatRows) {
    const auto bytes = static_cast<size_t>(std::clamp<int64_t>(fault.bytes, 0, 64 << 20));
    twist.page.row_member = absl::StrCat("\"padding\":\"", NoiseText(bytes), "\"");
  }
  if (fault.kind == FaultKind::kTask) twist.task = {fault.text, fault.message, absl::Milliseconds(fault.ms)};
  return twist;
}

void Simulator::Count(const std::string& path, int64_t code) {
  MutexLock lock(mu_);
  ++counts_[{path, code}];
}

WireAnswer Simulator::Handle(const Call& call) {
  if (absl::StartsWith(call.path, ReportTasks::kFiles)) return SendFile(call);
  if (!absl::StartsWith(call.path, kPrefix)) return Html(404, "Not Found");
  const std::string path = call.path.substr(kPrefix.size());
  const Route* route = FindRoute(path);
  if (route == nullptr) {  // also: no slash at the end
    Count("(unknown)", 404);
    return Html(404, "Not Found");
  }
  if (route->method != call.method) {
    Count(path, 405);
    return Html(405, "Method Not Allowed");
  }
  WireAnswer answer = Answer(call, path);
  answer.delay += options_.latency.OfCall(calls_.fetch_add(1));
  return answer;
}

// Signed, so without a token; not the API, so without its quota.
WireAnswer Simulator::SendFile(const Call& call) {
  EndpointAnswer answer = tasks_.File(call.path, clock_.Now());
  if (answer.refusal) return Html(403, "Forbidden");
  WireAnswer wire;
  wire.content_type = answer.content_type;
  wire.body = std::move(answer.data);
  return wire;
}

WireAnswer Simulator::Answer(const Call& given, const std::string& path) {
  Call call = given;
  std::optional<Refusal> refusal = CheckToken(call, path);
  if (!refusal) refusal = JudgeQuota(path);
  if (!refusal && FindRoute(path)->task_body) refusal = ReadTaskBody(call.body, &call.params);
  if (!refusal && options_.sandbox) refusal = RefusedInSandbox(path, call.params);
  if (refusal) {
    Count(path, refusal->code);
    return Envelope(EndpointAnswer::Refuse(refusal->code, refusal->message));
  }
  if (const std::optional<Fault> fault = faults_.Next(path, call.params)) return Apply(*fault, call, path);
  const EndpointAnswer answer = Dispatch(call, path, Twist());
  Count(path, answer.refusal ? answer.refusal->code : 0);
  return Envelope(answer);
}

std::optional<Refusal> Simulator::CheckToken(const Call& call, const std::string& path) const {
  if (!FindRoute(path)->needs_token) return std::nullopt;
  if (!call.token || call.token->empty())
    return Refusal{40104, "Access token is missing, send it in the header Access-Token."};
  if (*call.token != kToken || !token_good_) return Refusal{40105, "Access token is incorrect or has been revoked."};
  return std::nullopt;
}

std::optional<Refusal> Simulator::JudgeQuota(const std::string& path) {
  const int64_t day = DayNumber(DayIn(absl::UTCTimeZone(), clock_.Now()));
  const int code = quota_.Judge(path, clock_.Monotonic(), day);
  if (code == 0) return std::nullopt;
  // The code does not say which window was hit (tiktok-api.md 3.3).
  return Refusal{code, absl::StrCat("Too many requests: requests from App ", kAppId,
                                    " are temporarily restricted. Please try again later.")};
}

EndpointAnswer Simulator::GrantToken(const Call& call) {
  AppFields fields;
  EndpointAnswer checked = CheckAppFields(call, &fields);
  if (checked.refusal) return checked;
  if (fields.auth_code.empty()) return EndpointAnswer::Refuse(40002, "auth_code: Missing data for required field.");
  if (!absl::StartsWith(fields.auth_code, kAuthCodePrefix))
    return EndpointAnswer::Refuse(40101, "The auth_code is invalid.");
  {
    MutexLock lock(mu_);
    if (!used_codes_.insert(fields.auth_code).second) {
      return EndpointAnswer::Refuse(40110, "The auth_code has been used or has expired.");
    }
  }
  token_good_ = true;
  return AnswerNewGrant(*data_set_);
}

EndpointAnswer Simulator::RevokeToken(const Call& call) {
  AppFields fields;
  EndpointAnswer checked = CheckAppFields(call, &fields);
  if (checked.refusal) return checked;
  if (fields.access_token.empty())
    return EndpointAnswer::Refuse(40002, "access_token: Missing data for required field.");
  if (fields.access_token != kToken || !token_good_.exchange(false)) {
    return EndpointAnswer::Refuse(40105, "Access token is incorrect or has been revoked.");
  }
  return AnswerRevoked(*data_set_);
}

EndpointAnswer Simulator::Dispatch(const Call& call, const std::string& path, const Twist& given) {
  const PageTwist& twist = given.page;
  const absl::Time now = clock_.Now() - given.age;
  const int64_t seconds = absl::ToUnixSeconds(now);
  if (path == "report/integrated/get/") return reports_.Answer(call, now, twist);
  if (path == "report/task/create/") return tasks_.Create(call, now, given.task);
  if (path == "report/task/check/") return tasks_.Check(call, now);
  if (path == "report/task/download/") return tasks_.Download(call, now);
  if (path == "report/task/cancel/") return tasks_.Cancel(call, now);
  if (const EntityView* view = FindEntityView(path)) {
    return AnswerEntities(*data_set_, *view, call, seconds, options_.sandbox, twist);
  }
  if (const AssetKind* kind = FindAssetKind(path)) {
    return AnswerAssets(*data_set_, *kind, call, seconds, calls_.load(), twist);
  }
  if (path == "gmv_max/report/get/") return AnswerGmvMaxReport(*data_set_, call, now, twist);
  if (path == "tool/interest_category/") return AnswerCategories(*data_set_, call);
  if (path == "advertiser/info/") return AnswerAdvertiserInfo(*data_set_, call, calls_.load());
  if (path == "oauth2/advertiser/get/") return AnswerGrantedAdvertisers(*data_set_, call);
  if (path == "oauth2/access_token/") return GrantToken(call);
  if (path == "oauth2/revoke_token/") return RevokeToken(call);
  return AnswerUserInfo();
}

WireAnswer Simulator::Envelope(const EndpointAnswer& answer) {
  WireAnswer wire;
  const std::string time = absl::FormatTime("%Y%m%d%H%M%S", clock_.Now(), absl::UTCTimeZone());
  const std::string id = absl::StrCat(time, absl::StrFormat("%018X", calls_.load()));
  wire.headers.emplace_back("X-Tt-Logid", id);
  if (!answer.refusal && !answer.content_type.empty()) {
    wire.content_type = answer.content_type;
    wire.body = answer.data;
    return wire;
  }
  wire.body.reserve(answer.data.size() + 160);
  absl::StrAppend(&wire.body, "{\"code\":", answer.refusal ? answer.refusal->code : 0, ",\"message\":");
  AppendJsonString(answer.refusal ? answer.refusal->message : "OK", wire.body);
  absl::StrAppend(&wire.body, ",\"request_id\":\"", id, "\",\"data\":", answer.refusal ? "{}" : answer.data, "}");
  if (answer.cut_to_newest) {
    wire.headers.emplace_back("X-Tt-Ads-Throttle",
                              absl::StrCat("Only the latest ", options_.object_limit / 1'000, "k ids are covered."));
  }
  return wire;
}

WireAnswer Simulator::Apply(const Fault& fault, const Call& call, const std::string& path) {
  WireAnswer wire;
  switch (fault.kind) {
    case FaultKind::kCode:
      Count(path, fault.code);
      return Envelope(
          EndpointAnswer::Refuse(static_cast<int>(fault.code), absl::StrReplaceAll(fault.message, {{"{path}", path}})));
    case FaultKind::kHttp:
      Count(path, fault.status);
      wire = Html(static_cast<int>(fault.status), fault.status == 504 ? "Gateway Time-out" : "Bad Gateway");
      if (!fault.body.empty()) wire.body = fault.body;
      return wire;
    case FaultKind::kNotJson:
      Count(path, -1);
      wire.body = fault.body.empty() ? "upstream connect error or disconnect/reset before headers" : fault.body;
      return wire;
    case FaultKind::kReset:
    case FaultKind::kHang:
      Count(path, -1);
      wire.cut = WireAnswer::Cut::kReset;
      if (fault.kind == FaultKind::kHang) wire.delay = absl::Seconds(fault.seconds);
      return wire;
    default:
      break;
  }
  const EndpointAnswer answer = Dispatch(call, path, TwistOf(fault));
  Count(path, answer.refusal ? answer.refusal->code : 0);
  wire = Envelope(answer);
  if (fault.kind == FaultKind::kSlow) wire.delay = absl::Milliseconds(fault.ms);
  if (fault.kind == FaultKind::kThrottleHeader) {
    wire.headers.emplace_back("X-Tt-Ads-Throttle",
                              fault.text.empty() ? "Only the latest 20k ids are covered." : fault.text);
  }
  if (fault.kind == FaultKind::kBadUtf8 && !wire.body.empty()) wire.body[wire.body.size() / 2] = '\xff';
  if (fault.kind == FaultKind::kDrip) {
    wire.drip_bytes = static_cast<size_t>(std::max<int64_t>(1, fault.bytes));
    wire.drip_every = absl::Milliseconds(fault.ms);
  }
  if (fault.kind == FaultKind::kTruncate || fault.kind == FaultKind::kResetInBody) {
    wire.cut = fault.kind == FaultKind::kTruncate ? WireAnswer::Cut::kBody : WireAnswer::Cut::kBodyReset;
    wire.sent_bytes = std::min(wire.body.size(), static_cast<size_t>(std::max<int64_t>(0, fault.bytes)));
  }
  return wire;
}

std::string Simulator::StatsJson() const {
  nlohmann::json calls = nlohmann::json::object();
  {
    MutexLock lock(mu_);
    for (const auto& [key, count] : counts_) calls[key.first][absl::StrCat(key.second)] = count;
  }
  const QuotaFigures f = quota_.app().Figures();
  nlohmann::json endpoints = nlohmann::json::object();
  for (const auto& [path, judge] : quota_.endpoints()) {
    const QuotaFigures of_path = judge->Figures();
    endpoints[path] = {{"allowed", of_path.allowed},
                       {"refused", of_path.refused},
                       {"most_allowed_per_second", of_path.most_allowed_per_second},
                       {"most_allowed_per_minute", of_path.most_allowed_per_minute}};
  }
  return nlohmann::json{
      {"calls", calls},
      {"endpoints", endpoints},
      {"allowed", f.allowed},
      {"refused", f.refused},
      {"refused_per_second", f.refused_per_second},
      {"refused_per_minute", f.refused_per_minute},
      {"refused_per_day", f.refused_per_day},
      {"most_arrived_per_second", f.most_arrived_per_second},
      {"most_arrived_per_minute", f.most_arrived_per_minute},
      {"most_allowed_per_second", f.most_allowed_per_second},
      {"most_allowed_per_minute", f.most_allowed_per_minute},
      {"limit_per_second", options_.quota.per_second},
      {"limit_per_minute", options_.quota.per_minute},
      {"limit_per_day", options_.quota.per_day},
      {"span_seconds", absl::ToDoubleSeconds(f.span)},
      {"share_used", f.share_used},
      {"now", FormatInstant(clock_.Now())},
  }
      .dump(2);
}

}  // namespace tikhaul::simulator
