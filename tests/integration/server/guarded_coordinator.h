// A real coordinator process on a port of 127.0.0.1, with the `tls`, `identities` and other keys that a test gives it.
// It answers only; Redis is real, the API is not there.
#ifndef TIKHAUL_TESTS_INTEGRATION_SERVER_GUARDED_COORDINATOR_H_
#define TIKHAUL_TESTS_INTEGRATION_SERVER_GUARDED_COORDINATOR_H_

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/local/child_process.h"
#include "common/rpc/channel.h"
#include "tests/support/redis_server.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {

struct GuardedOptions {
  std::string yaml;         // further top-level lines
  std::string coordinator;  // further members of `coordinator`
  std::string listen;       // empty: a free port of 127.0.0.1
};

class GuardedCoordinator {
 public:
  explicit GuardedCoordinator(const GuardedOptions& options);
  ~GuardedCoordinator();

  const std::string& address() const { return address_; }
  int port() const { return port_; }
  pid_t pid() const { return process_->pid(); }
  std::string Path(const std::string& name) const { return folder_.Path(name); }
  std::string Log() const;
  // Until it has said that it is ready, or has ended.
  bool AwaitReady();
  std::optional<std::string> Ended() { return process_->Ended(); }

 private:
  ScratchFolder folder_;
  RedisServer redis_;
  int port_ = 0;
  std::string address_;
  std::optional<ChildProcess> process_;
};

// Calls `method` with an empty message on a connection of its own. OK when an answer came; else how the call ended.
grpc::Status TryCall(const Dialer& dialer, const std::string& address, const std::string& method);
// Whether the call reached the service: whatever it then said.
bool ReachedService(const grpc::Status& status);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_SERVER_GUARDED_COORDINATOR_H_
