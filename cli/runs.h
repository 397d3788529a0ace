// What commands say about runs.
#ifndef TIKHAUL_CLI_RUNS_H_
#define TIKHAUL_CLI_RUNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/admin_client.h"
#include "cli/session.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

using Runs = google::protobuf::RepeatedPtrField<v1::Run>;

// Chunks that are or were to be read: without those replaced by the parts they were split into, and without cancelled
// ones.
uint64_t WantedChunks(const v1::ChunkCounts& chunks);
// "120/240".
std::string ChunksDone(const v1::ChunkCounts& chunks);
// One line per run; empty without runs.
std::string RunTable(const Runs& runs);

// kExitPartial when a run ended partial or is kept from going on, or chunks are dead; else kExitOk.
ExitCode ExitCodeOf(const Runs& runs);

// Shows progress until every run with one of `ids` has ended or nothing can run now; returns how they stand then.
absl::StatusOr<Runs> AwaitRuns(Session& session, AdminClient& client, const std::vector<std::string>& ids);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_RUNS_H_
