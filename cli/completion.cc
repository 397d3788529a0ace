#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/match.h"
#include "common/program/command_line.h"

namespace tikhaul {
namespace {

// Both ask the program itself, so that they never fall behind it. Without an answer the shell offers files.
constexpr char kBash[] = R"bash(# bash completion for tikhaul; load it with: source <(tikhaul completion bash)
_tikhaul() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _tikhaul tikhaul
)bash";

constexpr char kZsh[] = R"zsh(#compdef tikhaul
# zsh completion for tikhaul; load it with: source <(tikhaul completion zsh)
_tikhaul() {
  local -a candidates
  candidates=(${(f)"$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( ${#candidates} )); then
    compadd -a candidates
  else
    _files
  fi
}
compdef _tikhaul tikhaul
)zsh";

// Where a line of words has led.
struct Place {
  std::vector<const CLI::App*> apps;   // from the program to the command that was named last
  const CLI::Option* value = nullptr;  // the option whose value comes next
  std::vector<std::string> positionals;
};

// Also an option of a level above: they may stand behind the command.
const CLI::Option* FindOption(const Place& place, const std::string& name) {
  for (auto app = place.apps.rbegin(); app != place.apps.rend(); ++app) {
    for (const CLI::Option* option : NamedOptions(**app)) {
      const std::vector<std::string> names = NamesOf(*option);
      if (std::find(names.begin(), names.end(), name) != names.end()) return option;
    }
  }
  return nullptr;
}

void Follow(const std::string& word, Place& place) {
  if (place.value != nullptr) {
    place.value = nullptr;
    return;
  }
  if (absl::StartsWith(word, "-")) {
    const CLI::Option* const option = FindOption(place, word);  // none for "--name=value"
    if (option != nullptr && TakesValue(*option)) place.value = option;
    return;
  }
  for (const CLI::App* command : Subcommands(*place.apps.back())) {
    if (command->get_name() != word || !place.positionals.empty()) continue;
    place.apps.push_back(command);
    return;
  }
  place.positionals.push_back(word);
}

// The values of an option or positional argument. What only the configuration knows goes by its name.
std::vector<std::string> ValuesOf(const CLI::Option& option, const Place& place, const NamesOfKind& names) {
  const std::vector<std::string> choices = ChoicesOf(option);
  if (!choices.empty()) return choices;
  const std::vector<std::string> long_names = NamesOf(option);
  const std::string name = long_names.empty() ? option.get_name(true) : long_names.back();
  if (name == "EXTRACT" || name == "--extract") return names(NameKind::kExtract);
  if (name == "STREAM") return names(NameKind::kStream);
  if (name == "NAME" && !place.positionals.empty()) {
    if (place.positionals[0] == "extract") return names(NameKind::kExtract);
    if (place.positionals[0] == "connection") return names(NameKind::kConnection);
  }
  return {};
}

// The positional argument that the next word belongs to; nullptr when no more are taken.
const CLI::Option* NextPositional(const Place& place) {
  const std::vector<const CLI::Option*> positionals = Positionals(*place.apps.back());
  if (positionals.empty()) return nullptr;
  if (place.positionals.size() < positionals.size()) return positionals[place.positionals.size()];
  return positionals.back()->get_items_expected_max() > 1 ? positionals.back() : nullptr;
}

std::vector<std::string> Candidates(const Place& place, const std::string& begun, const NamesOfKind& names) {
  if (place.value != nullptr) return ValuesOf(*place.value, place, names);
  std::vector<std::string> found;
  if (absl::StartsWith(begun, "-")) {
    for (auto app = place.apps.rbegin(); app != place.apps.rend(); ++app) {
      for (const CLI::Option* option : NamedOptions(**app)) {
        for (const std::string& name : NamesOf(*option)) {
          if (absl::StartsWith(name, "--")) found.push_back(name);
        }
      }
    }
    return found;
  }
  if (place.positionals.empty()) {
    for (const CLI::App* command : Subcommands(*place.apps.back())) found.push_back(command->get_name());
  }
  if (const CLI::Option* const positional = NextPositional(place); positional != nullptr) {
    const std::vector<std::string> values = ValuesOf(*positional, place, names);
    found.insert(found.end(), values.begin(), values.end());
  }
  return found;
}

}  // namespace

std::vector<std::string> CompletionsOf(const CLI::App& app, const std::vector<std::string>& words,
                                       const NamesOfKind& names) {
  Place place{.apps = {&app}, .positionals = {}};
  for (size_t i = 0; i + 1 < words.size(); ++i) Follow(words[i], place);
  const std::string begun = words.empty() ? "" : words.back();
  std::vector<std::string> found = Candidates(place, begun, names);
  std::erase_if(found, [&](const std::string& word) { return !absl::StartsWith(word, begun); });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::string ValueGiven(const std::vector<std::string>& words, const std::string& option) {
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == option) return words[i + 1];
    if (absl::StartsWith(words[i], option + "=")) return words[i].substr(option.size() + 1);
  }
  return "";
}

std::string CompletionScript(const std::string& shell) { return shell == "zsh" ? kZsh : kBash; }

}  // namespace tikhaul
