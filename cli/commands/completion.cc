// `tikhaul completion`, and what the scripts that it prints ask.
#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>

#include "cli/commands/commands.h"
#include "common/catalog/catalog.h"
#include "common/config/config.h"

namespace tikhaul {
namespace {

std::vector<std::string> NamesIn(const std::string& config_path, NameKind kind) {
  std::vector<std::string> names;
  if (kind == NameKind::kStream) {
    for (const StreamSpec& stream : Streams()) names.emplace_back(stream.name);
    return names;
  }
  const absl::StatusOr<v1::Config> config = LoadConfig(config_path);
  if (!config.ok()) return {};
  if (kind == NameKind::kExtract) {
    for (const v1::Extract& extract : config->extracts()) names.push_back(extract.name());
  } else {
    for (const v1::Connection& connection : config->connections()) names.push_back(connection.name());
  }
  return names;
}

// As the words before name it, else the environment.
std::string ConfigPath(const std::vector<std::string>& words, const Session& session) {
  const std::string given = ValueGiven(words, "--config");
  if (!given.empty()) return given;
  const char* const environment = std::getenv("TIKHAUL_CONFIG");
  return environment != nullptr ? environment : session.config_path;
}

}  // namespace

void PrintCompletions(const CLI::App& app, Session& session, const std::vector<std::string>& words) {
  const std::string config = ConfigPath(words, session);
  const auto names = [&config](NameKind kind) { return NamesIn(config, kind); };
  for (const std::string& word : CompletionsOf(app, words, names)) session.console().out << word << "\n";
}

void AddCompletion(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "completion",
      "Prints what makes a shell complete commands, options and names of extracts. For bash, into ~/.bashrc:\n"
      "source <(tikhaul completion bash). For zsh, into ~/.zshrc behind compinit: source <(tikhaul completion zsh)");
  const auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
  command->callback([&session, shell] { session.console().out << CompletionScript(*shell); });
}

}  // namespace tikhaul
