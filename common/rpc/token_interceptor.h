// Shows a bearer token with every call of a channel. gRPC's own call credentials would not do so on a Unix socket or
// loopback without TLS.
#ifndef TIKHAUL_COMMON_RPC_TOKEN_INTERCEPTOR_H_
#define TIKHAUL_COMMON_RPC_TOKEN_INTERCEPTOR_H_

#include <grpcpp/support/client_interceptor.h>

#include <memory>
#include <string>

namespace tikhaul {

// The file is read anew at each call. While it cannot be read, calls go without a token, and the log says so.
std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> MakeTokenInterceptor(std::string token_file);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_RPC_TOKEN_INTERCEPTOR_H_
