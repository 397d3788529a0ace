// The parts of CheckExtract. Used by the files of this folder only.
#ifndef TIKHAUL_COMMON_CATALOG_CHECK_EXTRACT_H_
#define TIKHAUL_COMMON_CATALOG_CHECK_EXTRACT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/report_parts.h"

namespace tikhaul {

using ExtractProblems = std::vector<ExtractProblem>;

// Each looks at one member of a report extract whose stream is known. With an unknown level (`parts.level` 0) the rules
// that hang on the level are left out.
void CheckDimensions(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                     ExtractProblems& problems);
void CheckMetrics(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                  ExtractProblems& problems);
void CheckFilters(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                  ExtractProblems& problems);

// `"word"`.
std::string Quoted(absl::string_view word);
// `; did you mean "nearest"?`, or nothing when no candidate is near.
std::string DidYouMean(absl::string_view word, const std::vector<std::string>& candidates);
template <typename Specs>
std::vector<std::string> NamesOfAll(const Specs& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.emplace_back(spec.name);
  return names;
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_CHECK_EXTRACT_H_
