// `tikhaul token`: bearer tokens for operators, scripts and workers.
#include "common/access/token.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/commands/commands.h"

namespace tikhaul {
namespace {

// The token is what was asked for, so it goes to standard output and nowhere else.
int NewTokenCommand(Session& session) {
  const std::string token = NewToken();
  const std::string hash = TokenHash(token);
  std::ostream& out = session.console().out;
  if (session.json) {
    out << "{\"token\":\"" << token << "\",\"token_hash\":\"" << hash << "\"}\n";
    return kExitOk;
  }
  out << "token:      " << token << "\n"
      << "token_hash: " << hash << "\n"
      << "The token belongs into a file that only its owner can read (token_file, or --token-file); it is kept "
         "nowhere\n"
      << "else. Its hash belongs into `identities` of the coordinators' configuration:\n"
      << "  - {name: NAME, role: viewer, token_hash: \"" << hash << "\"}\n";
  return kExitOk;
}

}  // namespace

void AddToken(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("token", "Bearer tokens, by which coordinators know operators and scripts");
  command->require_subcommand(1);
  CLI::App* make = command->add_subcommand("new", "Makes a token, and prints it with its hash. Calls nobody");
  make->callback([&session] { session.exit_code = NewTokenCommand(session); });
}

}  // namespace tikhaul
