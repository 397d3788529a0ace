#include "cli/auth/token_output.h"

#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/files.h"

namespace tikhaul {

absl::Status WriteToken(const std::string& path, const Secret& token) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty() && std::filesystem::create_directories(folder, error)) chmod(folder.c_str(), 0700);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make ", folder.string(), ": ", error.message()));
  return WriteFileAtomically(path, absl::StrCat(token.Reveal(), "\n"));
}

std::string KubernetesSecret(const std::string& name, const Secret& token) {
  return absl::StrCat("apiVersion: v1\nkind: Secret\nmetadata:\n  name: ", name,
                      "\ntype: Opaque\ndata:\n  token: ", absl::Base64Escape(token.Reveal()), "\n");
}

std::string TokenFileFlaw(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return "missing";
  if (facts.st_size == 0) return "empty";
  if ((facts.st_mode & 077) != 0) return absl::StrFormat("others may read it (mode %04o)", facts.st_mode & 07777);
  return "";
}

}  // namespace tikhaul
