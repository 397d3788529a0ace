#include "common/access/method_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr MethodRule Open(absl::string_view method) { return {method, MethodRule::Needs::kNothing}; }
constexpr MethodRule Known(absl::string_view method) { return {method, MethodRule::Needs::kIdentity}; }
constexpr MethodRule For(v1::Role role, absl::string_view method) { return {method, MethodRule::Needs::kRole, role}; }

// "ROLE_VIEWER" as "viewer", which is how the configuration spells it.
std::string RoleName(v1::Role role) {
  absl::string_view name = v1::Role_Name(role);
  absl::ConsumePrefix(&name, "ROLE_");
  return absl::AsciiStrToLower(name);
}

std::string RoleNames(const std::vector<v1::Role>& roles) {
  return absl::StrJoin(roles, " and ", [](std::string* out, v1::Role role) { out->append(RoleName(role)); });
}

}  // namespace

const std::vector<MethodRule>& MethodRules() {
  static const auto& rules = *new std::vector<MethodRule>{
      // Asks, and spends no API call.
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/GetCalendar"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/GetStatus"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/ListCursors"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/ListDeadLetters"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/ListFigures"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/ListLedger"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/ListRestatements"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/ListRuns"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/ListStreams"),
      For(v1::ROLE_VIEWER, "/tikhaul.v1.Admin/WatchStatus"),
      // Changes something, or spends API calls.
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Backfill"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Cancel"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Check"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Pause"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Plan"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Resume"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Retry"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Sync"),
      For(v1::ROLE_OPERATOR, "/tikhaul.v1.Admin/Verify"),
      For(v1::ROLE_WORKER, "/tikhaul.v1.Ingest/AskQuota"),
      For(v1::ROLE_WORKER, "/tikhaul.v1.Ingest/Extract"),
      For(v1::ROLE_WORKER, "/tikhaul.v1.Ingest/Hello"),
      For(v1::ROLE_COORDINATOR, "/tikhaul.v1.Peer/Report"),
      For(v1::ROLE_SCALER, "/externalscaler.ExternalScaler/GetMetricSpec"),
      For(v1::ROLE_SCALER, "/externalscaler.ExternalScaler/GetMetrics"),
      For(v1::ROLE_SCALER, "/externalscaler.ExternalScaler/IsActive"),
      For(v1::ROLE_SCALER, "/externalscaler.ExternalScaler/StreamIsActive"),
      // Probes have no identity. Watching is a stream that a stranger could keep.
      Open("/grpc.health.v1.Health/Check"),
      Known("/grpc.health.v1.Health/Watch"),
      For(v1::ROLE_OPERATOR, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
  };
  return rules;
}

absl::Status MayCall(const Authenticator& authenticator, const Credentials& credentials, absl::string_view method) {
  if (authenticator.everybody()) return absl::OkStatus();
  const std::vector<MethodRule>& rules = MethodRules();
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [method](const MethodRule& one) { return one.method == method; });
  if (rule != rules.end() && rule->needs == MethodRule::Needs::kNothing) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Caller caller, authenticator.Identify(credentials));
  if (rule == rules.end()) {
    return absl::PermissionDeniedError("nobody may call this method: no rule of this coordinator knows it");
  }
  if (rule->needs == MethodRule::Needs::kIdentity || caller.May(rule->role)) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat(caller.name, " has the role ", RoleNames(caller.roles), ", and ",
                   method.substr(method.rfind('/') + 1), " needs the role ", RoleName(rule->role),
                   ": use other credentials, or change `identities` in the coordinator's configuration"));
}

}  // namespace tikhaul
