#include "cli/app.h"

#include <CLI/CLI.hpp>

#include "cli/commands/commands.h"
#include "cli/session.h"
#include "common/base/version.h"
#include "common/program/man_page.h"

namespace tikhaul {
namespace {

constexpr char kDescription[] =
    "tikhaul moves TikTok Ads data into a database you own.\n"
    "First steps: `tikhaul init`, `tikhaul check`, `tikhaul plan`, `tikhaul local`.";

constexpr char kFooter[] =
    "Exit codes: 0 all well; 1 failed; 2 wrong usage; 3 finished, but part of the work could not be done\n"
    "(dead letters, pauses or blocked advertisers: `tikhaul status` and `tikhaul retry --list` tell which);\n"
    "4 `tikhaul verify` found differences that nothing explains.";

// Asked by the scripts of `tikhaul completion`, with the words behind the program's name.
constexpr char kComplete[] = "__complete";

void AddGlobalOptions(CLI::App& app, Session& session) {
  app.add_option("--config", session.config_path, "Configuration file")
      ->envname("TIKHAUL_CONFIG")
      ->capture_default_str();
  app.add_option("--coordinator", session.coordinator,
                 "Address of the coordinator, host:port or unix:/path, or several with commas; default: "
                 "coordinator.addresses of "
                 "the configuration, else coordinator.listen")
      ->envname("TIKHAUL_COORDINATOR");
  app.add_option("--token-file", session.token_file,
                 "File that holds the bearer token shown to the coordinator; default: token_file of the configuration")
      ->envname("TIKHAUL_TOKEN_FILE");
  const auto tls = [&](const char* name, const char* variable, const char* text, auto set) {
    app.add_option_function<std::string>(name, set, text)->envname(variable);
  };
  tls("--tls-ca", "TIKHAUL_TLS_CA",
      "PEM file of the CA of the coordinator's certificate; with this or one of the next "
      "two, `tls` of the configuration is not looked at",
      [&](const std::string& file) { session.tls.set_ca_file(file); });
  tls("--tls-certificate", "TIKHAUL_TLS_CERTIFICATE", "PEM file of the certificate shown to the coordinator",
      [&](const std::string& file) { session.tls.set_certificate_file(file); });
  tls("--tls-key", "TIKHAUL_TLS_KEY", "PEM file of its key",
      [&](const std::string& file) { session.tls.set_key_file(file); });
  app.add_flag("--json", session.json, "Print answers as JSON; what keeps coming is one object per line");
  app.set_version_flag("--version", VersionLine("tikhaul"));
  AddManFlag(app, {.name = "tikhaul",
                   .summary = "move TikTok Ads data into a database you own",
                   .see_also = {"tikhaul-coordinator(8)", "tikhaul-worker(8)"}});
}

void AddCommands(CLI::App& app, Session& session) {
  AddLocal(app, session);
  AddInit(app, session);
  AddAuth(app, session);
  AddCheck(app, session);
  AddStreams(app, session);
  AddPlan(app, session);
  AddBackfill(app, session);
  AddSync(app, session);
  AddStatus(app, session);
  AddRuns(app, session);
  AddCancel(app, session);
  AddPause(app, session);
  AddResume(app, session);
  AddRetry(app, session);
  AddCursors(app, session);
  AddCalendar(app, session);
  AddLedger(app, session);
  AddVerify(app, session);
  AddRestatements(app, session);
  AddMigrate(app, session);
  AddCompletion(app, session);
  AddToken(app, session);
}

// Global options may stand behind the command, and every level of --help tells the exit codes.
void Complete(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands({})) {
    command->fallthrough();
    command->footer(kFooter);
    Complete(*command);
  }
}

}  // namespace

int RunTikhaul(int argc, const char* const* argv, Console& console, const Clock& clock) {
  Session session(console, clock);
  CLI::App app(kDescription, "tikhaul");
  app.footer(kFooter);
  app.require_subcommand(1);
  AddGlobalOptions(app, session);
  AddCommands(app, session);
  Complete(app);
  if (argc > 1 && std::string(argv[1]) == kComplete) {
    PrintCompletions(app, session, {argv + 2, argv + argc});
    return kExitOk;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, console.out, console.err) == 0 ? kExitOk : kExitUsage;
  }
  return session.exit_code;
}

}  // namespace tikhaul
