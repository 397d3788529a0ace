// Everything on one machine: a private Redis, a coordinator and workers as child processes, kept alive.
#ifndef TIKHAUL_CLI_LOCAL_LOCAL_CLUSTER_H_
#define TIKHAUL_CLI_LOCAL_LOCAL_CLUSTER_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/local/child_process.h"
#include "cli/local/local_folder.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/rpc/channel.h"

namespace tikhaul {

struct LocalClusterOptions {
  std::string binaries;  // folder of tikhaul-coordinator and tikhaul-worker
  std::string config_path;
  bool private_redis = true;        // false: the configuration names one
  std::string listen;               // where the coordinator listens; empty: as the configuration says
  std::string coordinator_address;  // where it is reached
  Dialer dialer;                    // of this program, to it
  std::string worker_http;          // of the first worker; the others have the ports after it; empty: none
  int workers = 0;                  // none: the coordinator only answers calls
  absl::Duration clock_offset;      // handed to the children, whole seconds
  BackoffPolicy restart{absl::Seconds(1), absl::Seconds(10)};
  absl::Duration start_patience = absl::Minutes(2);
  absl::Duration stop_patience = absl::Seconds(15);
};

// Waits for the given time or until the user wants the program to end; true in the second case.
using Waiter = std::function<bool(absl::Duration)>;

// Starts, tends and stops the children; knows nothing of runs. All calls from one thread, the same that made the
// object.
class LocalCluster {
 public:
  // Borrows the clock.
  LocalCluster(LocalClusterOptions options, LocalFolder folder, const Clock& clock);
  ~LocalCluster();  // stops what runs
  LocalCluster(const LocalCluster&) = delete;
  LocalCluster& operator=(const LocalCluster&) = delete;

  // Returns when the coordinator serves and the workers are started. CANCELLED when `wait` reports the user's wish to
  // end. When a child ends before it is ready, the error carries the child's own words.
  absl::Status Start(const Waiter& wait);
  // Starts again, after a growing pause, what has died. Returns what there is to tell the user. Call a few times a
  // second.
  std::vector<std::string> Tend();
  // SIGTERM to the workers, then the coordinator, then Redis; SIGKILL for each after options.stop_patience.
  void Stop();

  const std::string& coordinator_address() const { return options_.coordinator_address; }
  const std::string& log_folder() const { return folder_.path(); }

 private:
  struct Member {
    ChildSpec spec;
    std::optional<ChildProcess> process;
    int failures = 0;                        // since it last ran for a while
    absl::Duration started;                  // by the monotonic clock
    std::optional<absl::Duration> start_at;  // when a dead one is started again
  };

  // Starts the child; it is kept and tended from then on.
  absl::Status AddMember(const std::string& name, std::vector<std::string> arguments);
  absl::Status StartRedis(const Waiter& wait);
  absl::Status StartCoordinator(const Waiter& wait);
  absl::Status StartWorkers();
  // Until `ready`, the end of the newest member, or the end of patience.
  absl::Status AwaitNewest(const std::function<bool()>& ready, const Waiter& wait);
  void TendMember(Member& member, std::vector<std::string>& notes);
  std::vector<std::string> CommonArguments(const std::string& program) const;

  LocalClusterOptions options_;
  LocalFolder folder_;
  const Clock& clock_;
  std::string redis_url_;        // of the private Redis
  std::vector<Member> members_;  // in starting order: Redis, coordinator, workers
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_LOCAL_LOCAL_CLUSTER_H_
