// Configurations for the tests of this folder.
#ifndef TIKHAUL_TESTS_UNIT_CONFIG_YAML_TEXTS_H_
#define TIKHAUL_TESTS_UNIT_CONFIG_YAML_TEXTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/config/config.h"

namespace tikhaul {

inline constexpr char kHead[] =
    "app: {id: \"123\", secret_file: app_secret}\n"                                              // line 1
    "connections: [{name: main, token_file: token, advertisers: [\"7002238017842757633\"]}]\n";  // line 2
inline constexpr char kCampaigns[] = "extracts: [{name: campaigns, stream: campaigns}]\n";

inline absl::StatusOr<v1::Config> Parse(const std::string& text) {
  return ParseConfig(text, "tikhaul.yaml", "/home/me");
}

// The problems of a text, one per line; empty when there are none.
inline std::vector<std::string> Problems(const std::string& text) {
  const absl::StatusOr<v1::Config> config = Parse(text);
  if (config.ok()) return {};
  return absl::StrSplit(config.status().message(), '\n');
}

// The same with a legal head before (lines 1 and 2): `text` begins in line 3.
inline std::vector<std::string> ProblemsBelowHead(const std::string& text) {
  return Problems(absl::StrCat(kHead, text));
}
// With a legal head and extract before: `text` begins in line 4.
inline std::vector<std::string> ProblemsBelowAll(const std::string& text) {
  return Problems(absl::StrCat(kHead, kCampaigns, text));
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_UNIT_CONFIG_YAML_TEXTS_H_
