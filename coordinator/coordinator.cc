#include "coordinator/coordinator.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/quota/settings/quota_limits.h"
#include "coordinator/accounts/accounts.h"
#include "coordinator/activity/activity_prober.h"
#include "coordinator/admin/admin_service.h"
#include "coordinator/dispatch/dispatcher.h"
#include "coordinator/dispatch/quota_keeper.h"
#include "coordinator/ingest/ingest_service.h"
#include "coordinator/schedule/scheduler.h"
#include "coordinator/verify/verify_service.h"

namespace tikhaul {
namespace {

constexpr int kLargestMessage = 16 << 20;
constexpr absl::Duration kShutdownPatience = absl::Seconds(10);
constexpr absl::Duration kDispatchEvery = absl::Milliseconds(200);
constexpr absl::Duration kQuotaEvery = absl::Milliseconds(100);
constexpr absl::Duration kCareEvery = absl::Seconds(1);
constexpr absl::Duration kAccountsEvery = absl::Hours(1);
constexpr absl::Duration kAccountsRetry = absl::Seconds(30);
constexpr absl::Duration kTokenRecheck = absl::Seconds(10);

// Dead peers are noticed within 15 s.
void SetKeepalive(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT,
                             0);  // a second coordinator on the port is a mistake, not a helper
}

// gRPC would silently take a Unix socket away from the process that listens on it, so that one is asked first.
bool SomebodyListens(absl::string_view address) {
  if (!absl::ConsumePrefix(&address, "unix:")) return false;  // binding a port in use fails
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  address.copy(name.sun_path, sizeof(name.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answers = fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0;
  if (fd >= 0) close(fd);
  return answers;
}

absl::StatusOr<StoreOptions> StoreOptionsOf(const v1::Config& config) {
  const v1::StoreOptions& options = config.store_options();
  ASSIGN_OR_RETURN(const Secret password, ReadStorePassword(options));
  return StoreOptions{.url = config.store(),
                      .schema = options.schema(),
                      .password = password.Reveal(),
                      .connections = static_cast<int>(options.connections()),
                      .migrate = !options.migrate_by_hand()};
}

absl::Status CannotListen(const std::string& address) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot listen on ", address, ": is another coordinator there? Stop it or set coordinator.listen"));
}

}  // namespace

class Coordinator::Parts {
 public:
  Parts(const v1::Config& config, const CoordinatorOptions& options, std::unique_ptr<Store> store,
        std::unique_ptr<SpoolPool> spools, ExtractRegistry extracts)
      : config_(config),
        only_answer_(options.only_answer),
        clock_(options.clock_offset),
        store_(std::move(store)),
        spools_(std::move(spools)),
        extracts_(std::move(extracts)),
        tokens_(RedisOptions{.url = config_.redis()}, config_.app().id(), LimitsOf(config_), real_clock_),
        transport_({.base_url = config_.api().base_url(), .max_in_flight = 16}, tokens_, real_clock_),
        accounts_(
            config_, *store_, transport_, [this] { return tokens_.Obstacle(); }, clock_, faults_),
        prober_(
            config_, *store_, transport_, [this] { return tokens_.Obstacle(); }, clock_),
        planner_(extracts_, accounts_, prober_, *store_, clock_),
        estimator_(
            config_, *store_, transport_, [this] { return tokens_.Obstacle(); }, clock_),
        claims_(clock_, {}),
        chunks_(
            extracts_, *store_, clock_, faults_,
            {.wake_dispatcher = [this] { dispatcher_.Wake(); },
             .pause_connection = [this](const std::string& connection,
                                        const std::string& why) { return accounts_.PauseForToken(connection, why); }}),
        hints_(RedisOptions{.url = config_.redis()}, store_->InstanceId()),
        dispatcher_(hints_, *store_, claims_, chunks_, clock_, faults_),
        quota_(RedisOptions{.url = config_.redis()}, config_.app().id(), LimitsOf(config_), *store_, real_clock_,
               faults_),
        runs_(extracts_, accounts_, planner_, estimator_, *store_, clock_, [this] { dispatcher_.Wake(); }),
        status_(config_, *store_, claims_, quota_, faults_, clock_),
        ingest_(store_->InstanceId(), chunks_, claims_, *spools_, faults_, quota_.lender()),
        verify_(config_, extracts_, *store_, accounts_, transport_, clock_),
        admin_({.config = config_,
                .extracts = extracts_,
                .store = *store_,
                .accounts = accounts_,
                .runs = runs_,
                .claims = claims_,
                .quota = quota_,
                .faults = faults_,
                .status = status_,
                .verify = verify_,
                .clock = clock_,
                .wake_dispatcher = [this] { dispatcher_.Wake(); }}) {}

  ~Parts() {
    stopping_ = true;
    transport_.ReleaseAll();  // what waits for the API would hold the threads up
    transport_.Stop();        // so that no thread of ours waits for an answer
    ingest_.StartDraining();
    admin_.Stop();
    if (server_ != nullptr) {
      server_->GetHealthCheckService()->SetServingStatus(false);
      claims_.Revoke([](const LiveClaim&) { return true; }, "the coordinator is stopping");
      server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kShutdownPatience));
    }
    dispatcher_.Wake();
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Start() {
    RETURN_IF_ERROR(store_->Write([](StoreTransaction& tx) { return tx.ReadyAllRunning().status(); }));
    ASSIGN_OR_RETURN(scheduler_, Scheduler::Make(extracts_, runs_, *store_, clock_));
    quota_.Tick();
    RETURN_IF_ERROR(Listen());
    threads_.emplace_back([this] { KeepQuota(); });
    if (only_answer_) return absl::OkStatus();
    threads_.emplace_back([this] { Dispatch(); });
    threads_.emplace_back([this] { Care(); });
    return absl::OkStatus();
  }

 private:
  absl::Status Listen() {
    if (SomebodyListens(config_.coordinator().listen())) return CannotListen(config_.coordinator().listen());
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(config_.coordinator().listen(), grpc::InsecureServerCredentials(), &port);
    builder.SetMaxReceiveMessageSize(kLargestMessage);
    builder.SetMaxSendMessageSize(kLargestMessage);
    SetKeepalive(builder);
    builder.RegisterService(&ingest_);
    builder.RegisterService(&admin_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) return CannotListen(config_.coordinator().listen());
    LogInfo("coordinator is ready", {{"listen", config_.coordinator().listen()},
                                     {"store", store_->Describe()},
                                     {"extracts", extracts_.all().size()}});
    return absl::OkStatus();
  }

  void Dispatch() {
    while (!stopping_) {
      dispatcher_.WaitForWork(kDispatchEvery);
      if (!stopping_) dispatcher_.Tick();
    }
  }

  void KeepQuota() {
    while (!stopping_) {
      quota_.Tick();
      tikhaul::SleepFor(kQuotaEvery);
    }
  }

  // Accounts and schedules: what may wait for the API.
  void Care() {
    absl::Duration next_refresh = clock_.Monotonic(), next_recheck = next_refresh;
    while (!stopping_) {
      const absl::Duration now = clock_.Monotonic();
      if (now >= next_refresh) {
        next_refresh = now + (accounts_.Refresh().ok() ? kAccountsEvery : kAccountsRetry);
      }
      if (now >= next_recheck) {
        accounts_.RecheckPaused();
        next_recheck = now + kTokenRecheck;
      }
      scheduler_->Tick();
      tikhaul::SleepFor(kCareEvery);
    }
  }

  const v1::Config config_;
  const bool only_answer_;
  const SystemClock clock_;       // the calendar, with the offset of trials
  const SystemClock real_clock_;  // quota days are real days
  FaultBoard faults_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SpoolPool> spools_;
  ExtractRegistry extracts_;
  TokenAgent tokens_;
  ApiTransport transport_;
  Accounts accounts_;
  ActivityProber prober_;
  BackfillPlanner planner_;
  Estimator estimator_;
  ClaimTable claims_;
  ChunkService chunks_;
  HintPublisher hints_;
  Dispatcher dispatcher_;
  QuotaKeeper quota_;
  RunService runs_;
  StatusBuilder status_;
  IngestService ingest_;
  VerifyService verify_;
  AdminService admin_;
  std::optional<Scheduler> scheduler_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
};

absl::Status MigrateStore(const v1::Config& config) {
  ASSIGN_OR_RETURN(StoreOptions options, StoreOptionsOf(config));
  options.migrate = true;
  return OpenStore(options).status();
}

Coordinator::Coordinator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Coordinator::~Coordinator() = default;

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(const v1::Config& config,
                                                                const CoordinatorOptions& options) {
  if (config.redis().empty()) {
    return absl::FailedPreconditionError(
        "`redis` is not set in the configuration; set it, or start with `tikhaul local`, which brings its own");
  }
  ASSIGN_OR_RETURN(const StoreOptions store_options, StoreOptionsOf(config));
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, OpenStore(store_options));
  ASSIGN_OR_RETURN(std::unique_ptr<SpoolPool> spools,
                   SpoolPool::Open({.directory = config.coordinator().spool_dir(),
                                    .memory_bytes = config.coordinator().spool_memory_bytes(),
                                    .disk_bytes = config.coordinator().spool_disk_bytes()}));
  ASSIGN_OR_RETURN(ExtractRegistry extracts, ExtractRegistry::Register(config, *store));
  auto parts = std::make_unique<Parts>(config, options, std::move(store), std::move(spools), std::move(extracts));
  RETURN_IF_ERROR(parts->Start());
  return std::unique_ptr<Coordinator>(new Coordinator(std::move(parts)));
}

}  // namespace tikhaul
