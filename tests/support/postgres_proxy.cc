#include "tests/support/postgres_proxy.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

constexpr char kSocketName[] = "/.s.PGSQL.5432";

}  // namespace

PostgresProxy::PostgresProxy(const std::string& server_socket_folder)
    : line_({.listen = absl::StrCat("unix:", folder_.path(), kSocketName),
             .server = absl::StrCat("unix:", server_socket_folder, kSocketName),
             .look = [this](absl::string_view bytes) { return LookAt(bytes); }}) {}

std::string PostgresProxy::Url() const { return absl::StrCat("postgresql://postgres@/postgres?host=", folder_.path()); }

StreamProxy::Look PostgresProxy::LookAt(absl::string_view bytes) {
  // A query ends in a zero byte.
  if (!absl::StrContains(bytes, absl::string_view("COMMIT\0", 7))) return StreamProxy::Look::kPass;
  const Cut cut = cut_.exchange(Cut::kNever);
  if (cut == Cut::kNever) return StreamProxy::Look::kPass;
  ++cuts_;
  return cut == Cut::kBeforeCommit ? StreamProxy::Look::kCut : StreamProxy::Look::kPassAndCutAnswer;
}

}  // namespace tikhaul
