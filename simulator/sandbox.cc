#include "simulator/sandbox.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tikhaul::simulator {
namespace {

constexpr absl::string_view kSupported[] = {"campaign/get/",          "adgroup/get/", "ad/get/",
                                            "report/integrated/get/", "user/info/",   "identity/get/"};

struct RefusedValue {
  absl::string_view param, value;
};
constexpr RefusedValue kRefusedValues[] = {
    {"data_level", "AUCTION_ADVERTISER"}, {"report_type", "AUDIENCE"}, {"enable_total_metrics", "true"}};

}  // namespace

std::optional<Refusal> RefusedInSandbox(absl::string_view path, const std::map<std::string, std::string>& params) {
  if (std::find(std::begin(kSupported), std::end(kSupported), path) == std::end(kSupported)) {
    return Refusal{40009, absl::StrCat("/", path, " is not supported in the sandbox.")};
  }
  for (const RefusedValue& refused : kRefusedValues) {
    const auto found = params.find(std::string(refused.param));
    if (found == params.end() || found->second != refused.value) continue;
    return Refusal{40014, absl::StrCat(refused.param, ": ", refused.value, " is not supported in the sandbox.")};
  }
  return std::nullopt;
}

}  // namespace tikhaul::simulator
