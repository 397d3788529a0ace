// Where a new token goes.
#ifndef TIKHAUL_CLI_AUTH_TOKEN_OUTPUT_H_
#define TIKHAUL_CLI_AUTH_TOKEN_OUTPUT_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/secret.h"

namespace tikhaul {

// Into the file, mode 0600, its folder made with mode 0700 if needed.
absl::Status WriteToken(const std::string& path, const Secret& token);

// A Kubernetes Secret of that name, as YAML, whose member "token" is the token.
std::string KubernetesSecret(const std::string& name, const Secret& token);

// What is to be said of a token file before it is used: "" when it is good; else "missing", "empty", or who may read
// it.
std::string TokenFileFlaw(const std::string& path);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_AUTH_TOKEN_OUTPUT_H_
