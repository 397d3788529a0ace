// Extracts for the tests of this folder.
#ifndef TIKHAUL_TESTS_UNIT_CATALOG_EXTRACTS_H_
#define TIKHAUL_TESTS_UNIT_CATALOG_EXTRACTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/catalog/extract_shape.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

inline v1::Extract Report(const std::string& stream, const std::string& level,
                          const std::vector<std::string>& dimensions, const std::vector<std::string>& metrics) {
  v1::Extract extract;
  extract.set_name("x");
  extract.set_table("x");
  extract.set_stream(stream);
  extract.set_level(level);
  for (const std::string& dimension : dimensions) extract.add_dimensions(dimension);
  for (const std::string& metric : metrics) extract.add_metrics(metric);
  return extract;
}

inline v1::Extract Basic(const std::string& level, const std::vector<std::string>& dimensions,
                         const std::vector<std::string>& metrics = {"spend"}) {
  return Report("basic_report", level, dimensions, metrics);
}

inline v1::Extract Audience(const std::string& level, const std::vector<std::string>& dimensions,
                            const std::vector<std::string>& metrics = {"spend"}) {
  return Report("audience_report", level, dimensions, metrics);
}

inline v1::Extract Objects(const std::string& stream) {
  v1::Extract extract;
  extract.set_name("x");
  extract.set_table("x");
  extract.set_stream(stream);
  return extract;
}

// "member[index] message", one per problem.
inline std::vector<std::string> ProblemsOf(const v1::Extract& extract) {
  std::vector<std::string> lines;
  for (const ExtractProblem& problem : CheckExtract(extract)) {
    lines.push_back(absl::StrCat(problem.member, "[", problem.index, "] ", problem.message));
  }
  return lines;
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_UNIT_CATALOG_EXTRACTS_H_
