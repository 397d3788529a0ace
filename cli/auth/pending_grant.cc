#include "cli/auth/pending_grant.h"

#include <sys/stat.h>

#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kLongest = absl::Hours(1);  // a code lasts no longer (tiktok-api.md 2.1)

std::string FileIn(const std::string& folder) { return absl::StrCat(folder, "/grant"); }

absl::Status NoneBegun() {
  return absl::NotFoundError(
      "no grant was begun here in the last hour: `tikhaul auth url` begins one and shows the page to open");
}

}  // namespace

absl::Status SavePendingGrant(const std::string& folder, const PendingGrant& grant) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  return WriteFileAtomically(FileIn(folder), absl::StrCat(grant.state, "\n", grant.redirect_uri, "\n"));
}

absl::StatusOr<PendingGrant> LoadPendingGrant(const std::string& folder, absl::Time now) {
  const std::string path = FileIn(folder);
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0 || now - absl::FromTimeT(facts.st_mtime) > kLongest) return NoneBegun();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  const std::vector<std::string> lines = absl::StrSplit(*text, '\n');
  if (lines.size() < 2 || lines[0].empty()) return NoneBegun();
  return PendingGrant{lines[0], lines[1]};
}

void ForgetPendingGrant(const std::string& folder) {
  std::error_code error;
  std::filesystem::remove(FileIn(folder), error);
}

}  // namespace tikhaul
