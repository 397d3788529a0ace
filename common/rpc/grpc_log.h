// What gRPC itself has to say.
#ifndef TIKHAUL_COMMON_RPC_GRPC_LOG_H_
#define TIKHAUL_COMMON_RPC_GRPC_LOG_H_

namespace tikhaul {

// From now on gRPC's errors are lines of our log, which hide secrets, and at most 20 a minute: each broken handshake of
// a stranger is one. Call once in main.
void RouteGrpcLog();
// For commands, whose own messages say it better.
void SilenceGrpcLog();

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_RPC_GRPC_LOG_H_
