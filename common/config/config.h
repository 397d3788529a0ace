// tikhaul.yaml: read, checked, turned into the config message. The one home of yaml-cpp.
#ifndef TIKHAUL_COMMON_CONFIG_CONFIG_H_
#define TIKHAUL_COMMON_CONFIG_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Everything checked, defaults filled in, paths made absolute from the file's folder. INVALID_ARGUMENT lists every
// problem, one line each: "tikhaul.yaml:12: unknown key "metrcs" in extract "ads_daily"; did you mean "metrics"?".
absl::StatusOr<v1::Config> LoadConfig(const std::string& path);
// The same for text; `name` stands in messages, relative paths start from `folder`.
absl::StatusOr<v1::Config> ParseConfig(const std::string& text, const std::string& name, const std::string& folder);

// The token of a connection, read anew at every call so that a rotated file is seen. Surrounding white space is
// dropped. NOT_FOUND / PERMISSION_DENIED / FAILED_PRECONDITION (empty) say which file and what to do.
absl::StatusOr<Secret> ReadToken(const v1::Connection& connection);
absl::StatusOr<Secret> ReadAppSecret(const v1::App& app);
// Empty when the configuration names no file.
absl::StatusOr<Secret> ReadStorePassword(const v1::StoreOptions& options);
// The bearer token that a program of ours shows to coordinators, read anew at every call.
absl::StatusOr<Secret> ReadRpcToken(const std::string& path);

// The commented starter configuration that `tikhaul init` writes; ParseConfig accepts it once its ids are filled in.
std::string StarterConfig();

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CONFIG_CONFIG_H_
