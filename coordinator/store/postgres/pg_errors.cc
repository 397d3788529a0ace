#include "coordinator/store/postgres/pg_errors.h"

#include "absl/strings/match.h"

namespace tikhaul {
namespace {

struct Rule {
  absl::string_view state;  // the beginning of it
  PgMeaning meaning;
};

// The first that fits holds.
constexpr Rule kRules[] = {
    {"40001", {absl::StatusCode::kAborted, ""}},
    {"40P01", {absl::StatusCode::kAborted, ""}},
    {"23505", {absl::StatusCode::kAlreadyExists, ""}},
    {"53100",
     {absl::StatusCode::kResourceExhausted, "; the server's disk is full: make room, the work goes on by itself"}},
    {"53300", {absl::StatusCode::kUnavailable, "; raise max_connections, or lower store_options.connections"}},
    {"53", {absl::StatusCode::kResourceExhausted, "; the server is out of memory or other resources"}},
    {"55P03", {absl::StatusCode::kUnavailable, "; it is locked by another program: end that program's transaction"}},
    {"57014", {absl::StatusCode::kUnavailable, "; the statement took too long, or an administrator ended it"}},
    {"57P", {absl::StatusCode::kUnavailable, "; the server ended the connection, or is starting or stopping"}},
    {"08", {absl::StatusCode::kUnavailable, ""}},
    {"25P03", {absl::StatusCode::kUnavailable, "; the transaction stood still for too long"}},
    {"25006", {absl::StatusCode::kUnavailable, "; the server takes no changes: is it a standby?"}},
    {"28", {absl::StatusCode::kUnavailable, "; check user and password of `store`"}},
    {"3D000", {absl::StatusCode::kUnavailable, "; make the database, or name another one in `store`"}},
    {"42501",
     {absl::StatusCode::kPermissionDenied, "; the rights that tikhaul's role needs stand in docs/postgresql.md"}},
    {"XX001", {absl::StatusCode::kDataLoss, "; the database is damaged: restore it from a backup"}},
    {"XX002", {absl::StatusCode::kDataLoss, "; an index is damaged: REINDEX it"}},
    {"22", {absl::StatusCode::kInvalidArgument, ""}},
    {"54", {absl::StatusCode::kInvalidArgument, ""}},
    {"58", {absl::StatusCode::kUnavailable, "; the server's disk reports an error"}},
    {"F0", {absl::StatusCode::kUnavailable, ""}},
};

}  // namespace

PgMeaning MeaningOf(absl::string_view state) {
  if (state.empty()) return {absl::StatusCode::kUnavailable, ""};
  for (const Rule& rule : kRules) {
    if (absl::StartsWith(state, rule.state)) return rule.meaning;
  }
  return {absl::StatusCode::kInternal, ""};
}

}  // namespace tikhaul
