// Any bytes as tikhaul.yaml: problems name lines of the file, and what is accepted can be planned.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/catalog/extract_shape.h"
#include "common/config/config.h"
#include "tests/fuzz/fuzz_check.h"

namespace tikhaul {
namespace {

void CheckProblems(const std::string& text, absl::string_view problems) {
  const long lines = 1 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  for (const absl::string_view problem : absl::StrSplit(problems, '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(problem, absl::MaxSplits(':', 2));
    FUZZ_CHECK(parts.size() == 3 && parts[0] == "tikhaul.yaml", std::string(problem));
    const long line = std::atol(parts[1].c_str());
    FUZZ_CHECK(line >= 1 && line <= lines, std::string(problem));
  }
}

}  // namespace
}  // namespace tikhaul

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tikhaul;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<v1::Config> config = ParseConfig(text, "tikhaul.yaml", "/home/me");
  if (!config.ok()) {
    CheckProblems(text, config.status().message());
    return 0;
  }
  const absl::CivilDay day(2026, 1, 5);
  for (const v1::Extract& extract : config->extracts()) {
    const v1::ReadPlan plan =
        CompileReadPlan(extract, "main", "7002238017842757633", {.kind = WindowKind::kDays, .first = day, .last = day});
    FUZZ_CHECK(plan.requests_size() > 0 && plan.columns_size() > 0, extract.name());
  }
  return 0;
}
