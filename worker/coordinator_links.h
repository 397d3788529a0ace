// The ways to the coordinators: one of them leads, each grants the chunks of its own shards.
#ifndef TIKHAUL_WORKER_COORDINATOR_LINKS_H_
#define TIKHAUL_WORKER_COORDINATOR_LINKS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/rpc/channel.h"
#include "tikhaul/v1/ingest.grpc.pb.h"

namespace tikhaul {

using IngestStub = std::shared_ptr<v1::Ingest::StubInterface>;

// Thread-safe. Connects at the first use of an address.
class CoordinatorLinks {
 public:
  // `home`: where to look for a coordinator, at least one. `slots`: how many chunks run at once at most. Errors: see
  // Dialer.
  static absl::StatusOr<std::unique_ptr<CoordinatorLinks>> Make(std::vector<std::string> home, Dialer dialer,
                                                                uint32_t slots);

  // One of the addresses of `home`; each call after TryNext() gives the next one.
  std::string Home() const ABSL_LOCKS_EXCLUDED(mu_);
  void TryNext() ABSL_LOCKS_EXCLUDED(mu_);
  // Where the lead is, as far as is known: Home() until somebody has said another address.
  std::string Lead() const ABSL_LOCKS_EXCLUDED(mu_);
  void SetLead(const std::string& address) ABSL_LOCKS_EXCLUDED(mu_);
  // A way to `address`; empty: Home(). With many slots there are several, because a coordinator takes a limited number
  // of calls on one connection. Errors: see Dialer.
  absl::StatusOr<IngestStub> At(const std::string& address) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Ways {
    std::vector<IngestStub> stubs;
    size_t next = 0;
  };
  CoordinatorLinks(std::vector<std::string> home, Dialer dialer, size_t most_ways)
      : home_(std::move(home)), dialer_(std::move(dialer)), most_ways_(most_ways) {}

  const std::vector<std::string> home_;
  const Dialer dialer_;
  const size_t most_ways_;  // to one coordinator
  mutable Mutex mu_;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
  std::string lead_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, Ways> ways_ ABSL_GUARDED_BY(mu_);  // by address
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_COORDINATOR_LINKS_H_
