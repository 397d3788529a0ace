// What the sandbox refuses (tiktok-api.md 2.4).
#ifndef TIKHAUL_SIMULATOR_SANDBOX_H_
#define TIKHAUL_SIMULATOR_SANDBOX_H_

#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "simulator/call.h"

namespace tikhaul::simulator {

// Nothing when the sandbox answers such a call.
std::optional<Refusal> RefusedInSandbox(absl::string_view path, const std::map<std::string, std::string>& params);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_SANDBOX_H_
