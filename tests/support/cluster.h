// A whole installation of real processes for tests: simulator, Redis, coordinator, workers, each of which can be
// killed, stopped, and started again while the others go on.
#ifndef TIKHAUL_TESTS_SUPPORT_CLUSTER_H_
#define TIKHAUL_TESTS_SUPPORT_CLUSTER_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/admin_client.h"
#include "cli/local/child_process.h"
#include "common/rpc/channel.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/sql.h"
#include "tikhaul/v1/admin.grpc.pb.h"

namespace tikhaul {

struct ClusterOptions {
  std::string extracts = "";  // YAML list elements, two spaces in front of each "-"
  std::string data_set = "small";
  // At five past, so that no figure of the data set changes for the next ten minutes.
  std::string now = "2026-06-15T12:05:00Z";
  std::string advertisers = "all";  // YAML value of the connection's `advertisers`
  uint32_t per_second = 600;        // the quota of simulator and configuration alike
  uint32_t per_minute = 36000;
  uint32_t latency_ms = 5;  // of each answer
  uint32_t slots = 8;       // per worker
  int workers = 1;
  int coordinators = 1;                     // more than one: with `postgres`
  std::vector<std::string> addresses = {};  // of several coordinators; empty: sockets in the folder
  std::vector<std::string> simulator_flags = {};
  std::string store = "store.db";  // relative to the folder, or absolute
  std::string postgres = "";       // URL of a server: the store is a schema there, and Query() asks a copy of it
  std::string schema = "tikhaul";
  std::string store_options = "";  // further YAML members of `store_options`: "migrate: by_hand"
  std::string listen = "unix:c.sock";
  std::string coordinator = "";  // further YAML members of `coordinator`: "leave_out_idle: false"
  std::string quota = "";        // further YAML members of `quota`: "guard_ms: 100"
  std::string config = "";       // further lines of the configuration: "tls: {...}\n"
  Dialer dialer = {};            // to `addresses`, when these are not sockets
  RedisServer::Options redis = {};
  std::string redis_options = "";            // YAML members of `redis_options`: "user: tikhaul, password_file: ..."
  std::string simulator_host = "127.0.0.1";  // on which it listens
  std::string coordinator_postgres = "";     // another URL by which the coordinator reaches the server
  using WordsFor = std::function<std::vector<std::string>(const std::string& process)>;
  WordsFor run_under = nullptr;  // a command in front of that of the process
  WordsFor more_flags = nullptr;
};

// One thread at a time, always the same. When a test has failed, the ends of all logs are printed as the object goes.
class TestCluster {
 public:
  // Redis and the simulator run when the constructor returns; the rest is for Start().
  explicit TestCluster(ClusterOptions options);
  ~TestCluster();
  TestCluster(const TestCluster&) = delete;
  TestCluster& operator=(const TestCluster&) = delete;

  // Coordinator and workers; waits until the coordinator answers.
  void Start();

  // --- Processes: "simulator", "coordinator" (and "coordinator-1" ...), "worker-0", "worker-1" ... ---
  // Starting what runs, or stopping what does not, fails the test.
  void StartSimulator();  // on the same port every time, at the virtual time at which it was stopped
  // `prefix`: a command to run it under.
  void StartCoordinator(const std::vector<std::string>& prefix = {}, int index = 0);
  void AwaitCoordinator(absl::Duration deadline = kPatience, int index = 0);
  void StartWorker(int index);
  void Kill9(const std::string& process);
  // SIGTERM, then waits. Gives how long it took; fails the test after `patience`.
  absl::Duration Term(const std::string& process, absl::Duration patience = kPatience);
  bool Running(const std::string& process);
  // How a process that was started ended ("exit code 1"), waiting for it at most `deadline`.
  std::string AwaitEnd(const std::string& process, absl::Duration deadline = kPatience);
  // Runs the program `tikhaul` with these words; gives what it wrote. The test fails unless it ends well.
  std::string Tikhaul(std::vector<std::string> words);
  pid_t Pid(const std::string& process) const;
  // Where a process that was started with "--http 127.0.0.1:0" serves its pages: its log tells it. Fails the test when
  // it does not.
  int HttpPort(const std::string& process) const;
  int simulator_port() const { return simulator_port_; }
  std::string Log(const std::string& process) const;
  // The log's events, in their order. It may hold those of several starts.
  std::vector<nlohmann::json> Events(const std::string& process) const;
  RedisServer& redis() { return redis_; }

  // --- Configuration: written anew whenever coordinator or worker is started ---
  ClusterOptions& options() { return options_; }
  void WriteConfig();
  std::string Path(const std::string& name) const { return folder_.Path(name); }
  std::string StorePath() const;
  std::string TokenPath() const { return folder_.Path("token"); }
  static std::string Token();  // the one that the simulator takes

  // --- The simulator's controls ---
  // Moves its time and restarts the coordinator with the new time.
  void Advance(absl::Duration by);
  void Fault(const std::string& json);
  void ClearFaults();
  int64_t FaultHits();   // of all faults together
  int64_t FaultsLeft();  // of the mix: those that have not come yet
  void RevokeToken();
  void RestoreToken();
  void RemoveObject(const std::string& id);  // a campaign, ad group or ad, with all below it
  // From the next quarter of an hour on, `percent` more of all that the account delivered on these days.
  void Restate(const std::string& advertiser, const std::string& first_day, const std::string& last_day, int percent);
  // A figure of /sim/stats: "allowed", "refused", ...
  int64_t Stat(const std::string& name);
  absl::Time VirtualNow();
  // Writes the truth of the specification (JSON, simulator/README.md) into a new file.
  std::string ExportTruth(const std::string& spec);

  // --- The coordinators' admin RPC ---
  // The process that leads now: "coordinator", "coordinator-1" ...
  std::string Lead();
  // Of coordinator 0, whether it leads or not.
  v1::Admin::Stub& admin();
  v1::BackfillResponse Backfill(const std::vector<std::string>& extracts = {}, const std::string& first_day = "",
                                const std::string& last_day = "");
  v1::SyncResponse Sync(const std::vector<std::string>& extracts = {});
  v1::Status GetStatus();
  // The status as soon as `condition` holds; fails the test at the deadline.
  v1::Status AwaitStatus(const std::string& what, const std::function<bool(const v1::Status&)>& condition,
                         absl::Duration deadline = kPatience);
  // Until nothing is left to do.
  v1::Status WaitIdle(absl::Duration deadline = kPatience);

  // --- The store, read beside the coordinator ---
  SqlRows Query(const std::string& sql) const;
  // A SQLite file with what the store holds now: the store itself, or a fresh copy of the one in PostgreSQL.
  std::string StoreFile() const;
  int64_t QueryInt(const std::string& sql) const;

 private:
  void Launch(const std::string& name, std::vector<std::string> arguments);
  std::string Http(const std::string& method, const std::string& path, const std::string& body = "");
  int64_t ClockOffset();
  std::vector<std::string> Addresses() const;
  std::string RedisUrl() const;  // with the password
  // Asks whoever leads, and waits for somebody who does.
  template <typename Request, typename Response>
  Response Ask(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               const Request& request);

  ClusterOptions options_;
  ScratchFolder folder_;
  RedisServer redis_;
  std::map<std::string, ChildProcess> processes_;
  int simulator_port_ = 0;
  std::string simulator_now_;
  int truths_ = 0;
  std::unique_ptr<v1::Admin::Stub> admin_;
  std::unique_ptr<AdminClient> client_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_CLUSTER_H_
