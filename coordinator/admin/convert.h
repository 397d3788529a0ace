// Facts of the model as the admin messages spell them.
#ifndef TIKHAUL_COORDINATOR_ADMIN_CONVERT_H_
#define TIKHAUL_COORDINATOR_ADMIN_CONVERT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/catalog/catalog.h"
#include "common/model/chunk.h"
#include "common/model/restatement.h"
#include "coordinator/runs/run_service.h"
#include "grpcpp/grpcpp.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

grpc::Status ToGrpc(const absl::Status& status);
// Leaves the field unset for InfinitePast and InfiniteFuture.
void SetInstant(absl::Time instant, google::protobuf::Timestamp* out);

v1::ChunkCounts ToProto(const ChunkCounts& counts);
v1::Run ToProto(const Run& run, const ChunkCounts& counts);
v1::LedgerEntry ToProto(const LedgerEntry& entry);
v1::Restatement ToProto(const Restatement& restatement);
v1::Pause ToProto(const Pause& pause);
// A pause of all, of the run's extract or of the run.
bool HoldsBack(const std::vector<Pause>& pauses, const Run& run);
// Counts the permission matrix, and lists what is closed.
void AddAccess(const std::vector<Access>& access, v1::Status* status);
v1::Drift ToProto(const Drift& drift);
v1::Verification ToProto(const Verification& verification);
v1::DeadLetter ToProto(const DeadLetter& letter, const Chunk& chunk);
v1::StreamInfo ToProto(const StreamSpec& stream);

// INVALID_ARGUMENT for days that are none.
absl::StatusOr<Selection> FromProto(const google::protobuf::RepeatedPtrField<std::string>& extracts,
                                    const google::protobuf::RepeatedPtrField<std::string>& advertisers,
                                    const v1::DateRange& range);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ADMIN_CONVERT_H_
