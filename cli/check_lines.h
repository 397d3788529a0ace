// The coordinator's Check, asked for and shown.
#ifndef TIKHAUL_CLI_CHECK_LINES_H_
#define TIKHAUL_CLI_CHECK_LINES_H_

#include "absl/status/statusor.h"
#include "cli/session.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// Of the coordinator that runs, or of one that is started for it.
absl::StatusOr<v1::CheckResponse> AskForCheck(Session& session);

// As JSON, or one line each: state, subject, detail; what to do. Returns the exit code.
int ShowCheck(Session& session, const v1::CheckResponse& answer);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_CHECK_LINES_H_
