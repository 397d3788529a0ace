// The control endpoints: /sim/... (README.md).
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "simulator/param_reader.h"
#include "simulator/simulator.h"
#include "simulator/truth.h"

namespace tikhaul::simulator {
namespace {

WireAnswer Json(std::string body) {
  WireAnswer answer;
  answer.body = std::move(body);
  return answer;
}

WireAnswer Problem(int status, absl::string_view message) {
  WireAnswer answer = Json(nlohmann::json{{"error", std::string(message)}}.dump());
  answer.status = status;
  return answer;
}

std::string Param(const Call& call, const std::string& name) {
  const auto it = call.params.find(name);
  return it == call.params.end() ? "" : it->second;
}

}  // namespace

WireAnswer Simulator::ExportTruth(const Call& call) {
  const std::string file = Param(call, "file");
  if (file.empty()) return Problem(400, "say where to write: /sim/export-truth?file=/path/to/truth.db");
  const absl::Status status = tikhaul::simulator::ExportTruth(*data_set_, clock_.Now(), call.body, file);
  if (!status.ok()) return Problem(400, status.message());
  return Json(nlohmann::json{{"file", file}}.dump());
}

WireAnswer Simulator::Restate(const Call& call) {
  const std::string advertiser = Param(call, "advertiser_id");
  const absl::StatusOr<absl::CivilDay> first = ParseDay(Param(call, "first_day")),
                                       last = ParseDay(Param(call, "last_day"));
  RestatedDays::Change change{.from = clock_.Now()};
  const bool account = advertiser.empty() ||
                       (absl::SimpleAtoi(advertiser, &change.account) && data_set_->Find(change.account) != nullptr);
  if (!account || !first.ok() || !last.ok() || !absl::SimpleAtoi(Param(call, "percent"), &change.percent) ||
      change.percent < -99 || change.percent > 1000) {
    return Problem(400,
                   "say what: /sim/restate?first_day=DAY&last_day=DAY&percent=N&advertiser_id=ID (N from -99 to "
                   "1000; without an advertiser: all)");
  }
  change.first_day = DayNumber(*first);
  change.last_day = DayNumber(*last);
  data_set_->restated().Add(change);
  return Json(nlohmann::json{{"from", FormatInstant(change.from)}}.dump());
}

WireAnswer Simulator::Control(const Call& call) {
  const std::string& path = call.path;
  const bool post = call.method == "POST";
  if (path == "/sim/stats" && !post) return Json(StatsJson());
  if (path == "/sim/arrivals" && !post) {
    WireAnswer answer = Json(quota_.app().ArrivalLog());
    answer.content_type = "text/plain";
    return answer;
  }
  if (path == "/sim/advance" && post) {
    double seconds = 0;
    if (!absl::SimpleAtod(Param(call, "seconds"), &seconds) || !(seconds >= 0)) {
      return Problem(400, "say how far: /sim/advance?seconds=N, N not negative");
    }
    clock_.Advance(absl::Seconds(seconds));
    return Json(nlohmann::json{{"now", FormatInstant(clock_.Now())}}.dump());
  }
  if (path == "/sim/remove-object" && post) {
    const std::optional<uint64_t> id = ParseId(Param(call, "id"));
    if (!id) return Problem(400, "say which: /sim/remove-object?id=N");
    data_set_->removals().Add(*id);
    return Json(nlohmann::json{{"removed", absl::StrCat(*id)}}.dump());
  }
  if ((path == "/sim/revoke-token" || path == "/sim/restore-token") && post) {
    token_good_ = path == "/sim/restore-token";
    return Json(nlohmann::json{{"token_good", token_good_.load()}}.dump());
  }
  if (path == "/sim/fault" && call.method == "DELETE") {
    faults_.Clear();
    return Json(faults_.Json());
  }
  if (path == "/sim/fault") {
    const absl::Status status = post ? faults_.Add(call.body) : absl::OkStatus();
    return status.ok() ? Json(faults_.Json()) : Problem(400, status.message());
  }
  if (path == "/sim/restate" && post) return Restate(call);
  if (path == "/sim/export-truth" && post) return ExportTruth(call);
  return Problem(404, "unknown control path or method; see simulator/README.md");
}

}  // namespace tikhaul::simulator
