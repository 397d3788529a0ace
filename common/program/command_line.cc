#include "common/program/command_line.h"

#include <CLI/CLI.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace tikhaul {
namespace {

bool IsShown(const CLI::Option& option) { return !option.get_group().empty(); }

// "TEXT:{a,b}:DAY": the type, then what each check calls itself.
std::vector<std::string> TypeWords(const CLI::Option& option) {
  return absl::StrSplit(option.get_type_name(), ':', absl::SkipEmpty());
}

bool IsSet(const std::string& word) { return absl::StartsWith(word, "{") && absl::EndsWith(word, "}"); }

}  // namespace

std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back(absl::StrCat("-", name));
  for (const std::string& name : option.get_lnames()) names.push_back(absl::StrCat("--", name));
  return names;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  for (const std::string& word : TypeWords(option)) {
    if (IsSet(word)) return absl::StrSplit(word.substr(1, word.size() - 2), ',', absl::SkipEmpty());
  }
  return {};
}

std::string ValueOf(const CLI::Option& option) {
  if (!TakesValue(option)) return "";
  const std::vector<std::string> choices = ChoicesOf(option);
  if (!choices.empty()) return absl::StrJoin(choices, "|");
  const std::vector<std::string> words = TypeWords(option);
  if (words.empty()) return "VALUE";
  if (words.back() == "UINT" || words.back() == "INT" || words.back() == "POSITIVE") return "N";
  return words.back();
}

std::vector<const CLI::Option*> NamedOptions(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->nonpositional() && IsShown(*option); });
}

std::vector<const CLI::Option*> Positionals(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional() && IsShown(*option); });
}

std::vector<const CLI::App*> Subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_name().empty() && !one->get_group().empty(); });
}

}  // namespace tikhaul
