// What `tikhaul local --once` says at its end.
#ifndef TIKHAUL_CLI_LOCAL_SUMMARY_H_
#define TIKHAUL_CLI_LOCAL_SUMMARY_H_

#include <string>
#include <vector>

#include "cli/runs.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// One line per extract over its `runs` (those with `existed`, which had nothing left to do, only where there is no
// other): advertisers (as `plan` counts them), chunks, rows, calls, state. Extracts in the order of their first run.
std::string SummaryTable(const Runs& runs, const v1::PlanResponse& plan);

// Dead letters in groups of extract and reason, each with the first one's message and the command that tries it again.
std::vector<std::string> DeadLetterLines(const v1::ListDeadLettersResponse& letters);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_LOCAL_SUMMARY_H_
