#include "common/tiktok/account.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace tikhaul {
namespace {

using nlohmann::json;

constexpr size_t kIdsPerCall = 100;  // section 2.3
constexpr char kFaultUrl[] = "tikhaul/api-fault";
// How long a call may wait for its turn, and how often it is looked at.
constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr absl::Duration kLook = absl::Seconds(1);

absl::StatusCode CodeOf(FailureClass failure_class) {
  switch (failure_class) {
    case FailureClass::kAuth:
      return absl::StatusCode::kUnauthenticated;
    case FailureClass::kPermission:
      return absl::StatusCode::kPermissionDenied;
    case FailureClass::kTransient:
    case FailureClass::kUnreachable:
      return absl::StatusCode::kUnavailable;
    case FailureClass::kReleased:
      return absl::StatusCode::kCancelled;
    default:
      return absl::StatusCode::kFailedPrecondition;
  }
}

absl::Status ToStatus(const ApiFault& fault) {
  std::string message = fault.message;
  if (fault.code != 0) absl::StrAppend(&message, " (code ", fault.code, ", request id ", fault.request_id, ")");
  absl::Status status(CodeOf(fault.failure_class), message);
  const json packed = {static_cast<int>(fault.failure_class),
                       fault.code,
                       fault.http_status,
                       fault.message,
                       fault.request_id,
                       fault.exchange};
  status.SetPayload(kFaultUrl, absl::Cord(packed.dump(-1, ' ', false, json::error_handler_t::replace)));
  return status;
}

// Strings as they are, numbers as their digits, everything else as nothing: old answers send ids as numbers.
std::string TextOf(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? absl::StrCat(found->get<int64_t>()) : "";
}

// data.list of an answer.
absl::StatusOr<json> ReadList(const std::string& body, const char* path) {
  json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (answer.is_object() && answer.contains("data") && answer["data"].is_object() && answer["data"].contains("list") &&
      answer["data"]["list"].is_array()) {
    return std::move(answer["data"]["list"]);
  }
  return absl::DataLossError(absl::StrCat("the answer of ", path, " holds no data.list"));
}

AdvertiserInfo ToInfo(const json& entry) {
  AdvertiserInfo info;
  info.id = TextOf(entry, "advertiser_id");
  info.name = TextOf(entry, "name");
  // The `timezone` member may hold "Etc/GMT+8", which knows no summer time.
  info.timezone = TextOf(entry, "display_timezone");
  if (info.timezone.empty()) info.timezone = TextOf(entry, "timezone");
  info.currency = TextOf(entry, "currency");
  info.status = TextOf(entry, "status");
  int64_t created = 0;
  if (absl::SimpleAtoi(TextOf(entry, "create_time"), &created) && created > 0) {
    info.created = absl::FromUnixSeconds(created);
  }
  return info;
}

// Thread-safe.
class PendingResult {
 public:
  void Set(ApiTransport::Result result) {
    MutexLock lock(mu_);
    result_ = std::move(result);
    ended_.Signal();
  }
  // True: it is there. May end early.
  bool Wait(absl::Duration most) {
    MutexLock lock(mu_);
    if (!result_.has_value()) ended_.WaitFor(mu_, most);
    return result_.has_value();
  }
  ApiTransport::Result Take() {
    MutexLock lock(mu_);
    while (!result_.has_value()) ended_.Wait(mu_);
    return *std::move(result_);
  }

 private:
  Mutex mu_;
  CondVar ended_;
  std::optional<ApiTransport::Result> result_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::StatusOr<ApiAnswer> SendAndWait(ApiTransport& transport, ApiCall call) {
  const auto pending = std::make_shared<PendingResult>();
  // Who asks is waiting, and will ask again.
  const uint64_t id = transport.Send(std::move(call), {.transient_retries = 1},
                                     [pending](ApiTransport::Result result) { pending->Set(std::move(result)); });
  absl::Duration idle;
  while (idle < kPatience && !pending->Wait(kLook)) {
    idle = transport.IsUnderWay(id) ? absl::ZeroDuration() : idle + kLook;
  }
  const bool gave_up = idle >= kPatience;
  if (gave_up) transport.Cancel(id);
  ApiTransport::Result result = pending->Take();
  if (result.ok) return std::move(result.answer);
  if (!gave_up) return ToStatus(result.fault);
  return absl::UnavailableError(absl::StrCat("no API call could be made for ", absl::FormatDuration(kPatience),
                                             "; `tikhaul status` shows what the quota waits for"));
}

std::optional<ApiFault> AsFault(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kFaultUrl);
  if (!payload.has_value()) return std::nullopt;
  const json packed = json::parse(std::string(*payload), nullptr, false);
  if (!packed.is_array() || packed.size() != 6) return std::nullopt;
  ApiFault fault;
  fault.failure_class = static_cast<FailureClass>(packed[0].get<int>());
  fault.code = packed[1].get<int>();
  fault.http_status = packed[2].get<int>();
  fault.message = packed[3].get<std::string>();
  fault.request_id = packed[4].get<std::string>();
  fault.exchange = packed[5].get<std::string>();
  return fault;
}

ApiCall AdvertiserIdsCall(const std::string& app_id, const Secret& app_secret, const Secret& token) {
  return ApiCall{"oauth2/advertiser/get/", {{"app_id", app_id}, {"secret", app_secret.Reveal()}}, token};
}

ApiCall AdvertiserInfoCall(const Secret& token, absl::Span<const std::string> ids) {
  return ApiCall{
      "advertiser/info/", {{"advertiser_ids", json(std::vector<std::string>(ids.begin(), ids.end())).dump()}}, token};
}

absl::StatusOr<std::vector<std::string>> ReadAdvertiserIds(const std::string& body) {
  ASSIGN_OR_RETURN(const json list, ReadList(body, "oauth2/advertiser/get/"));
  std::vector<std::string> ids;
  for (const json& entry : list) {
    std::string id = entry.is_object() ? TextOf(entry, "advertiser_id") : "";
    if (id.empty()) return absl::DataLossError("oauth2/advertiser/get/ lists an account without advertiser_id");
    ids.push_back(std::move(id));
  }
  return ids;
}

absl::StatusOr<std::vector<AdvertiserInfo>> ReadAdvertiserInfo(const std::string& body) {
  ASSIGN_OR_RETURN(const json list, ReadList(body, "advertiser/info/"));
  std::vector<AdvertiserInfo> infos;
  for (const json& entry : list) {
    AdvertiserInfo info = entry.is_object() ? ToInfo(entry) : AdvertiserInfo{};
    if (info.id.empty()) return absl::DataLossError("advertiser/info/ lists an account without advertiser_id");
    infos.push_back(std::move(info));
  }
  return infos;
}

absl::StatusOr<std::vector<std::string>> FetchAdvertiserIds(ApiTransport& transport, const std::string& app_id,
                                                            const Secret& app_secret, const Secret& token) {
  ASSIGN_OR_RETURN(const ApiAnswer answer, SendAndWait(transport, AdvertiserIdsCall(app_id, app_secret, token)));
  return ReadAdvertiserIds(answer.body);
}

absl::StatusOr<std::vector<AdvertiserInfo>> FetchAdvertiserInfo(ApiTransport& transport, const Secret& token,
                                                                const std::vector<std::string>& ids) {
  std::vector<AdvertiserInfo> all;
  const absl::Span<const std::string> span(ids);
  for (size_t first = 0; first < ids.size(); first += kIdsPerCall) {
    const ApiCall call = AdvertiserInfoCall(token, span.subspan(first, kIdsPerCall));
    ASSIGN_OR_RETURN(const ApiAnswer answer, SendAndWait(transport, call));
    ASSIGN_OR_RETURN(const std::vector<AdvertiserInfo> some, ReadAdvertiserInfo(answer.body));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

absl::Status CheckToken(ApiTransport& transport, const Secret& token) {
  return SendAndWait(transport, ApiCall{"user/info/", {}, token}).status();
}

}  // namespace tikhaul
