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
  // `home`: where to look for a coordinator, at least one. Errors: see Dialer.
  static absl::StatusOr<std::unique_ptr<CoordinatorLinks>> Make(std::vector<std::string> home, Dialer dialer);

  // One of the addresses of `home`; each call after TryNext() gives the next one.
  std::string Home() const ABSL_LOCKS_EXCLUDED(mu_);
  void TryNext() ABSL_LOCKS_EXCLUDED(mu_);
  // Where the lead is, as far as is known: Home() until somebody has said another address.
  std::string Lead() const ABSL_LOCKS_EXCLUDED(mu_);
  void SetLead(const std::string& address) ABSL_LOCKS_EXCLUDED(mu_);
  // The way to `address`; empty: Home(). Errors: see Dialer.
  absl::StatusOr<IngestStub> At(const std::string& address) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  CoordinatorLinks(std::vector<std::string> home, Dialer dialer) : home_(std::move(home)), dialer_(std::move(dialer)) {}

  const std::vector<std::string> home_;
  const Dialer dialer_;
  mutable Mutex mu_;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
  std::string lead_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, IngestStub> stubs_ ABSL_GUARDED_BY(mu_);  // by address
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_COORDINATOR_LINKS_H_
