// Takes connections in for the coordinator's server. gRPC 1.51 has no limit of connections, and stops listening for
// good when the process has no file descriptor left; so this listens in its place.
#ifndef TIKHAUL_COORDINATOR_SERVER_DOOR_H_
#define TIKHAUL_COORDINATOR_SERVER_DOOR_H_

#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "coordinator/server/connection_count.h"
#include "coordinator/server/memory_guard.h"

namespace tikhaul {

// Listens from Open() on, takes connections in from Serve() to Close().
class Door {
 public:
  // `address`: "host:port" or "unix:/absolute/path", whose socket is then of this user alone. FAILED_PRECONDITION when
  // somebody listens there already, or the address is not of this machine.
  // `most_memory`: bytes of heap in use from which on those that send most are disconnected (memory_guard.h).
  static absl::StatusOr<std::unique_ptr<Door>> Open(const std::string& address, ConnectionCount::Limits limits,
                                                    size_t most_memory);
  ~Door();  // Close()
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  // `acceptor`: of a server that has been started.
  void Serve(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor);
  // Takes nobody in any more. Call before the server is shut down.
  void Close();

 private:
  Door(std::vector<int> listeners, std::string socket_path, ConnectionCount::Limits limits, size_t most_memory);
  void Run();
  void TakeIn(int listener);

  const std::vector<int> listeners_;
  const std::string socket_path_;  // of a Unix socket; else empty
  const SystemClock clock_;
  ConnectionCount count_;
  MemoryGuard memory_;
  int wake_;  // an eventfd
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::thread thread_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SERVER_DOOR_H_
