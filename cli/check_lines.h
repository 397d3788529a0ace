// The answer of the coordinator's Check, for people.
#ifndef TIKHAUL_CLI_CHECK_LINES_H_
#define TIKHAUL_CLI_CHECK_LINES_H_

#include "cli/console.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// One line each: state, subject, detail; what to do.
void PrintCheck(const Console& console, const v1::CheckResponse& answer);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_CHECK_LINES_H_
