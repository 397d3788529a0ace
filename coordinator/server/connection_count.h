// How many connections are open, and how many of them are of one address. The connections belong to gRPC, which does
// not tell when it closes one: so the open ones are looked over when it matters.
#ifndef TIKHAUL_COORDINATOR_SERVER_CONNECTION_COUNT_H_
#define TIKHAUL_COORDINATOR_SERVER_CONNECTION_COUNT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"

namespace tikhaul {

// Not thread-safe.
class ConnectionCount {
 public:
  // A flood does not make the open ones be looked over for each of its connections.
  static constexpr absl::Duration kSweepEvery = absl::Milliseconds(50);

  struct Limits {
    size_t all = 0;
    size_t per_peer = 0;
  };
  explicit ConnectionCount(Limits limits) : limits_(limits) {}

  // Whether the new connection `fd` of `peer` may stay; then it is counted until it is closed, by whomever. `now`: of a
  // monotonic clock. What was closed within the last kSweepEvery may still count.
  bool Admit(int fd, const std::string& peer, absl::Duration now);

  struct Connection {
    std::string peer;
    uint64_t cookie = 0;  // of the socket
  };
  // Those that are still open, by file descriptor. Their owner may close them at any moment.
  const std::map<int, Connection>& Open();

 private:
  void Forget(std::map<int, Connection>::iterator entry);
  void Sweep();
  void SweepNowAndThen(absl::Duration now);
  bool Full(const std::string& peer) const;

  const Limits limits_;
  std::map<int, Connection> open_;  // by file descriptor
  std::map<std::string, size_t> per_peer_;
  absl::Duration swept_ = -absl::InfiniteDuration();
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SERVER_CONNECTION_COUNT_H_
