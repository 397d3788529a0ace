// The commands. Each function adds one to the command line; when the user names it, it runs while the arguments are
// parsed and leaves its result in session.exit_code. `app` and `session` are borrowed for the length of the parse.
#ifndef TIKHAUL_CLI_COMMANDS_COMMANDS_H_
#define TIKHAUL_CLI_COMMANDS_COMMANDS_H_

#include <string>
#include <vector>

#include "cli/session.h"

namespace CLI {
class App;
}

namespace tikhaul {

void AddLocal(CLI::App& app, Session& session);
void AddInit(CLI::App& app, Session& session);
void AddAuth(CLI::App& app, Session& session);
void AddCheck(CLI::App& app, Session& session);
void AddStreams(CLI::App& app, Session& session);
void AddPlan(CLI::App& app, Session& session);
void AddBackfill(CLI::App& app, Session& session);
void AddSync(CLI::App& app, Session& session);
void AddStatus(CLI::App& app, Session& session);
void AddRuns(CLI::App& app, Session& session);
void AddCancel(CLI::App& app, Session& session);
void AddPause(CLI::App& app, Session& session);
void AddResume(CLI::App& app, Session& session);
void AddRetry(CLI::App& app, Session& session);
void AddCursors(CLI::App& app, Session& session);
void AddCalendar(CLI::App& app, Session& session);
void AddLedger(CLI::App& app, Session& session);
void AddVerify(CLI::App& app, Session& session);
void AddRestatements(CLI::App& app, Session& session);
void AddMigrate(CLI::App& app, Session& session);
void AddToken(CLI::App& app, Session& session);
void AddCompletion(CLI::App& app, Session& session);

// What may stand in the place of the last of `words`, one a line.
void PrintCompletions(const CLI::App& app, Session& session, const std::vector<std::string>& words);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_COMMANDS_COMMANDS_H_
