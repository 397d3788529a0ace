// Where a storm takes place: a cluster with as much around it as the storm needs, and the hands that can hurt it.
#ifndef TIKHAUL_TESTS_STORM_STAGE_H_
#define TIKHAUL_TESTS_STORM_STAGE_H_

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/storm/old_release.h"
#include "tests/support/cluster.h"
#include "tests/support/net_spaces.h"
#include "tests/support/postgres_proxy.h"
#include "tests/support/postgres_server.h"
#include "tests/support/shim/shim.h"
#include "tests/support/small_disk.h"
#include "tests/support/stream_proxy.h"
#include "tests/support/wanted.h"

namespace tikhaul {

enum class StoreKind { kSqlite, kPostgres };
const char* Name(StoreKind store);

// What a storm needs beside the processes.
struct Scene {
  int coordinators = 1;  // on PostgreSQL; one on SQLite
  int days = 40;         // of three accounts: the size of the job, one chunk each
  bool wide = false;     // a report of 30 days per chunk beside them
  bool spaces = false;   // each process lives in a network namespace of its own
  bool proxies = false;  // the ways between the processes lead through proxies
  bool shim = false;     // the processes' disks, clocks and answers can be meddled with
  bool disks = false;    // store, spool and Redis lie on small disks
  bool old_release = false;
  uint32_t per_second = 12;  // the quota
  uint32_t latency_ms = 250;
};

// Everything random comes from here, so that a seed tells what was struck. When it was struck is up to the machine.
class Dice {
 public:
  explicit Dice(uint32_t seed) : random_(seed) {}
  absl::Duration Between(absl::Duration least, absl::Duration most) {
    return least + (most - least) * std::uniform_real_distribution<double>(0, 1)(random_);
  }
  // 0 to below `count`.
  size_t Below(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }
  template <typename Thing>
  Thing Pick(const std::vector<Thing>& things) {
    return things[Below(things.size())];
  }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
};

// One thread, always the same; but for Call().
class Stage {
 public:
  static constexpr int kWorkers = 4;

  // Why the machine cannot set it up; empty when it can.
  static std::string WhyNot(const Scene& scene);

  Stage(const Scene& scene, StoreKind store, uint32_t seed);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Everything runs and has its first backfill to do when it returns.
  void Start();
  // What a supervisor does: starts what has ended, unless it is held down. Notes memory. Call all the time.
  void Keep();

  TestCluster& cluster() { return *cluster_; }
  const std::vector<Wanted>& wanted() const { return wanted_; }
  Dice& dice() { return dice_; }
  bool on_postgres() const { return postgres_ != nullptr; }
  PostgresServer& postgres() { return *postgres_; }
  PostgresProxy& database_line() { return *database_line_; }
  Shim& shim() { return *shim_; }
  NetSpaces& spaces() { return *spaces_; }
  // "coordinator", "redis", "postgres", "worker-0" ...
  int SpaceOf(const std::string& process) const;
  std::vector<StreamProxy*> Lines();
  const OldRelease& old_release() const { return *old_release_; }
  SmallDisk& redis_disk() { return *redis_disk_; }
  SmallDisk& spool_disk() { return *spool_disk_; }
  SmallDisk& store_disk() { return on_postgres() ? postgres_->disk() : *store_disk_; }

  static std::vector<std::string> WorkerNames();
  std::vector<std::string> RunningWorkers();
  // kill -9; it comes back after `down`.
  void Kill(const std::string& process, absl::Duration down);
  // From its next start on the process talks through the door of the older release, or is reached through it.
  void SetOldRelease(const std::string& process, bool old);

  std::vector<std::string> CoordinatorNames() const;
  // Who leads, as the store says; empty when nobody does, or it does not answer.
  std::string Lead();

  // Asks the coordinators until one answers; none when none does within some seconds. Thread-safe.
  template <typename Request, typename Response>
  std::optional<Response> Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const Request& request) {
    for (const auto& admin : admins_) {
      grpc::ClientContext context;
      SetDeadline(context);
      Response response;
      if ((admin.get()->*method)(&context, request, &response).ok()) return response;
    }
    return std::nullopt;
  }
  bool AskBackfill(const std::string& again_key);
  std::optional<v1::Status> TryStatus() { return Call(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest()); }
  // One figure of the store; none when it does not answer.
  std::optional<int64_t> Ask(const std::string& sql);
  // All of them, as text, of the store itself and not of a copy. A store that does not answer fails the test.
  SqlRows Rows(const std::string& sql);
  // How many lines of the logs hold the text. Role: "worker", "coordinator".
  int64_t InLogs(const std::string& role, const std::string& text);
  // The most that a process of that role has held, in bytes.
  int64_t Peak(const std::string& role) const;

 private:
  static void SetDeadline(grpc::ClientContext& context);
  void Connect();
  ClusterOptions OptionsFor(const Scene& scene);
  std::vector<std::string> RunUnder(const std::string& process) const;
  std::vector<std::string> MoreFlags(const std::string& process) const;
  void LayLines();
  void StartOne(const std::string& process);
  void NoteMemory(const std::string& process);

  const Scene scene_;
  Dice dice_;
  const std::vector<Wanted> wanted_;
  ScratchFolder folder_;
  std::unique_ptr<NetSpaces> spaces_;
  std::unique_ptr<Shim> shim_;
  std::unique_ptr<PostgresServer> postgres_;
  std::unique_ptr<TestCluster> cluster_;
  std::unique_ptr<SmallDisk> store_disk_, spool_disk_, redis_disk_;
  std::unique_ptr<PostgresProxy> database_line_;
  std::vector<std::unique_ptr<StreamProxy>> lines_;
  std::unique_ptr<OldRelease> old_release_;
  std::vector<std::unique_ptr<v1::Admin::Stub>> admins_;  // of each coordinator
  std::set<std::string> of_old_release_;
  std::map<std::string, absl::Duration> down_until_;  // monotonic
  std::map<std::string, int64_t> peaks_;              // by role
  const SystemClock clock_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_STORM_STAGE_H_
