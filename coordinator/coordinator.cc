#include "coordinator/coordinator.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/access/authenticator.h"
#include "common/base/life_signs.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/config/addresses.h"
#include "common/config/config.h"
#include "common/http/access/http_access.h"
#include "common/http/http_guard.h"
#include "common/http/http_server.h"
#include "common/metrics/process_metrics.h"
#include "common/rpc/channel.h"
#include "common/tiktok/call_metrics.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/http/coordinator_pages.h"
#include "coordinator/ingest/claim_keeper.h"
#include "coordinator/ingest/ingest_service.h"
#include "coordinator/lead/lead.h"
#include "coordinator/membership/membership.h"
#include "coordinator/page/status_page.h"
#include "coordinator/peer/peer_service.h"
#include "coordinator/scaling/scaler_service.h"
#include "coordinator/server/door.h"
#include "coordinator/server/server_credentials.h"
#include "proto/limits.h"

namespace tikhaul {
namespace {

// What strangers and broken peers may take at most. A call of which nothing has come but its beginning costs 13 KiB,
// and gRPC waits for the rest for ever: so connections of one address x calls of one connection are bounded.
constexpr int kCallsOfAConnection = 64;    // a worker has one per slot
constexpr int kMostThreads = 1200;         // each call that is worked on has one
constexpr size_t kMostMemory = 256 << 20;  // of heap in use: a coordinator takes less in all (docs/reliability.md)
constexpr ConnectionCount::Limits kConnections{.all = 1000, .per_peer = 64};
constexpr absl::Duration kShutdownPatience = absl::Seconds(10);
constexpr absl::Duration kRenewEvery = absl::Seconds(1);
constexpr absl::Duration kSeatsEvery = absl::Milliseconds(500);
constexpr absl::Duration kClaimsEvery = absl::Seconds(1);
constexpr absl::Duration kFiguresEvery = absl::Seconds(1);
constexpr absl::Duration kTakeSeatsEvery = absl::Milliseconds(200);
constexpr int kRegisterTries = 5;
constexpr absl::Duration kTakeSeatsPatience = absl::Seconds(5);

// Dead peers are noticed within 15 s.
void SetKeepalive(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kLargestRequest);
  builder.SetMaxSendMessageSize(kLargestAnswer);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsOfAConnection);
  builder.SetResourceQuota(grpc::ResourceQuota("coordinator").SetMaxThreads(kMostThreads));
}

// Where others reach this coordinator. A wildcard host tells them nothing: then it is this machine's name.
std::string AddressOf(const v1::CoordinatorSettings& settings) {
  if (!settings.advertise().empty()) return settings.advertise();
  for (const absl::string_view any : {"0.0.0.0:", "[::]:"}) {
    absl::string_view port = settings.listen();
    if (absl::ConsumePrefix(&port, any)) return absl::StrCat(HostName(), ":", port);
  }
  return settings.listen();
}

absl::StatusOr<StoreOptions> StoreOptionsOf(const v1::Config& config, bool passive) {
  const v1::StoreOptions& options = config.store_options();
  RETURN_IF_ERROR(ReadStorePassword(options).status());  // a mistake is told at the start; later it is waited for
  return StoreOptions{.url = config.store(),
                      .schema = options.schema(),
                      .password = [options] { return ReadStorePassword(options); },
                      .connections = static_cast<int>(options.connections()),
                      .address = AddressOf(config.coordinator()),
                      .passive = passive,
                      .migrate = !options.migrate_by_hand()};
}

// Nobody renews the membership yet: a coordinator that waits for another's long transaction may be evicted meanwhile.
absl::StatusOr<ExtractRegistry> RegisterPatiently(const v1::Config& config, Store& store) {
  for (int tries = 1;; ++tries) {
    absl::StatusOr<ExtractRegistry> extracts = ExtractRegistry::Register(config, store);
    if (!absl::IsUnavailable(extracts.status()) || tries == kRegisterTries) return extracts;
    LogWarning("the extracts could not be registered; trying again", {{"error", extracts.status().message()}});
    tikhaul::SleepFor(kTakeSeatsEvery);
    RETURN_IF_ERROR(store.Renew().status());
  }
}

std::vector<std::string> NamesOf(const ExtractRegistry& extracts) {
  std::vector<std::string> names;
  for (const RegisteredExtract& extract : extracts.all()) names.push_back(extract.spec.name());
  return names;
}

// Subjects of faults, in the words of the metric. Those of single connections share one.
constexpr const char* kFaultSubjects[] = {"store", "redis", "queue", "spool", "api", "membership", "lead"};
constexpr char kAccounts[] = "accounts";

}  // namespace

class Coordinator::Parts {
 public:
  Parts(const v1::Config& config, const CoordinatorOptions& options, std::shared_ptr<Authenticator> authenticator,
        std::shared_ptr<grpc::ServerCredentials> credentials, Dialer dialer, std::unique_ptr<Store> store,
        std::unique_ptr<SpoolPool> spools, ExtractRegistry extracts)
      : config_(config),
        credentials_(std::move(credentials)),
        dialer_(std::move(dialer)),
        only_answer_(options.only_answer),
        clock_(options.clock_offset),
        store_(std::move(store)),
        spools_(std::move(spools)),
        extracts_(std::move(extracts)),
        call_metrics_(metric_set_),
        metrics_(metric_set_, NamesOf(extracts_)),
        life_(real_clock_),
        claims_(clock_, {}),
        membership_(*store_, clock_, faults_, {}, [this](int shard) { return Busy(shard); }),
        chunks_(
            extracts_, *store_, clock_, faults_, metrics_,
            {.wake_dispatcher = [this] { Wake(); }, .keeps = [this](int shard) { return membership_.Keeps(shard); }}),
        claim_keeper_(*store_, claims_, chunks_, faults_, [this](int shard) { return membership_.Has(shard); }),
        gate_([this] { return membership_.LeadAddress(); }),
        streams_(clock_, config.coordinator().streams_per_peer()),
        ingest_({.instance = store_->InstanceId(),
                 .chunks = chunks_,
                 .claims = claims_,
                 .spools = *spools_,
                 .faults = faults_,
                 .gate = gate_,
                 .membership = membership_,
                 .streams = streams_,
                 .metrics = metrics_}),
        peer_(claims_, faults_, wanted_),
        scaler_({.config = config_,
                 .board = wanted_,
                 .store = *store_,
                 .clock = clock_,
                 .dialer = dialer_,
                 .lead_address = [this] { return membership_.LeadAddress(); }}),
        authenticator_(std::move(authenticator)),
        guard_(real_clock_, {.secure = EncryptsHttp(config_)}),
        page_(
            gate_, membership_, extracts_, [this](const std::string& address) { return dialer_.Open(address); },
            real_clock_) {
    AddProcessMetrics(metric_set_, options.revision);
    metrics_.spool_limit.With({"memory"}).Set(static_cast<double>(spools_->options().memory_bytes));
    metrics_.spool_limit.With({"disk"}).Set(static_cast<double>(spools_->options().disk_bytes));
  }

  ~Parts() {
    stopping_ = true;
    serving_ = false;
    ingest_.StartDraining();
    scaler_.Stop();
    for (std::thread& thread : threads_) thread.join();
    StopLeading();
    if (door_ != nullptr) door_->Close();
    if (server_ != nullptr) {
      server_->GetHealthCheckService()->SetServingStatus(false);
      claims_.Revoke([](const LiveClaim&) { return true; }, "the coordinator is stopping");
      server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kShutdownPatience));
    }
    store_->Resign().IgnoreError();  // others need not wait for the membership to end
  }

  int http_port() const { return http_ == nullptr ? 0 : http_->port(); }
  absl::Status TakeIdentities(const v1::Config& config) { return authenticator_->Take(config); }

  absl::Status Start() {
    SetFigures();
    RETURN_IF_ERROR(StartHttp());
    membership_.Renew();
    threads_.emplace_back([this] { StayMember(); });
    TakeSeats();
    RETURN_IF_ERROR(FollowLead());
    RETURN_IF_ERROR(Listen());
    threads_.emplace_back([this] { MoveSeats(); });
    threads_.emplace_back([this] { KeepClaims(); });
    threads_.emplace_back([this] { Repeat("figures", kLoopPatience, kFiguresEvery, [this] { SetFigures(); }); });
    return absl::OkStatus();
  }

 private:
  // Where there was one coordinator, its successor leads from the start: the one before may not be found dead at once.
  void TakeSeats() {
    for (absl::Duration waited;; waited += kTakeSeatsEvery) {
      membership_.Tick();
      if (membership_.Leads() || waited >= kTakeSeatsPatience) return;
      tikhaul::SleepFor(kTakeSeatsEvery);
    }
  }

  // Begins or ends to lead, as the seat says.
  absl::Status FollowLead() {
    if (membership_.Leads() == (lead_ != nullptr)) return absl::OkStatus();
    if (lead_ != nullptr) {
      LogWarning("this coordinator does not lead any more");
      StopLeading();
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(std::unique_ptr<Lead> lead, Lead::Start({.config = config_,
                                                              .extracts = extracts_,
                                                              .store = *store_,
                                                              .claims = claims_,
                                                              .faults = faults_,
                                                              .membership = membership_,
                                                              .peer = peer_,
                                                              .wanted = wanted_,
                                                              .gate = gate_,
                                                              .dialer = dialer_,
                                                              .metrics = metrics_,
                                                              .call_metrics = call_metrics_,
                                                              .life = life_,
                                                              .clock = clock_,
                                                              .real_clock = real_clock_},
                                                             only_answer_));
    MutexLock lock(lead_mu_);
    lead_ = std::move(lead);
    return absl::OkStatus();
  }

  void StopLeading() {
    std::unique_ptr<Lead> lead;
    {
      MutexLock lock(lead_mu_);
      lead = std::move(lead_);
    }
  }

  void Wake() {
    MutexLock lock(lead_mu_);
    if (lead_ != nullptr) lead_->Wake();
  }

  bool Busy(int shard) {
    const std::vector<LiveClaim> live = claims_.List();
    return std::any_of(live.begin(), live.end(), [shard](const LiveClaim& claim) {
      return claim.granted() && ShardOf(claim.connection, claim.advertiser) == shard;
    });
  }

  absl::Status Listen() {
    const std::string& listen = config_.coordinator().listen();
    ASSIGN_OR_RETURN(door_, Door::Open(listen, kConnections, kMostMemory));
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials_);
    SetLimits(builder);
    SetKeepalive(builder);
    builder.RegisterService(&ingest_);
    builder.RegisterService(&gate_);
    builder.RegisterService(&peer_);
    builder.RegisterService(&scaler_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::InternalError("the gRPC server did not start");
    door_->Serve(std::move(acceptor));
    serving_ = true;
    LogInfo("coordinator is ready", {{"listen", listen},
                                     {"tls", config_.has_tls() && listen.rfind("unix:", 0) != 0 ? "yes" : "no"},
                                     {"identities", config_.identities_size()},
                                     {"store", store_->Describe()},
                                     {"extracts", extracts_.all().size()},
                                     {"leads", membership_.Leads() ? "yes" : "no"}});
    return absl::OkStatus();
  }

  // Before all that waits for others, so that probes find it.
  absl::Status StartHttp() {
    const std::string& address = config_.coordinator().http();
    if (address.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::optional<HttpTls> tls, HttpTlsFor(config_, address));
    ASSIGN_OR_RETURN(http_, HttpServer::Start(address,
                                              CoordinatorPages({.metrics = metric_set_,
                                                                .life = life_,
                                                                .ready = [this] { return serving_.load(); },
                                                                .page = page_,
                                                                .guard = guard_,
                                                                .viewer = ViewerCheck(*authenticator_),
                                                                .anyone_known = KnownCheck(*authenticator_)}),
                                              tls));
    LogInfo("metrics and probes are served over HTTP", {{"port", http_->port()}});
    return absl::OkStatus();
  }

  // Goes round until this coordinator stops, with pauses of `pause`. A tick takes `patience` at most.
  void Repeat(const char* loop, absl::Duration patience, absl::Duration pause, const std::function<void()>& tick) {
    while (!stopping_) {
      life_.Promise(loop, patience);
      tick();
      life_.Promise(loop);
      tikhaul::SleepFor(pause);
    }
    life_.End(loop);
  }

  void StayMember() {
    Repeat("membership", kStorePatience, kRenewEvery, [this] { membership_.Renew(); });
  }

  void MoveSeats() {
    Repeat("seats", kStorePatience, kSeatsEvery, [this] {
      membership_.Tick();
      const absl::Status followed = FollowLead();
      faults_.Set("lead", followed.message());
    });
  }

  void KeepClaims() {
    Repeat("claims", kStorePatience, kClaimsEvery, [this] {
      claim_keeper_.Tick();
      streams_.Watch();
    });
  }

  // Takes every lock that the streams take, and waits for nothing else: a coordinator whose threads block each other
  // is found out by this loop, however long the others may wait for the store.
  void SetFigures() {
    metrics_.streams.Set(static_cast<double>(claims_.List().size()));
    metrics_.spool_bytes.With({"memory"}).Set(static_cast<double>(spools_->memory_used()));
    metrics_.spool_bytes.With({"disk"}).Set(static_cast<double>(spools_->disk_used()));
    std::map<std::string, int> faulty = {{kAccounts, 0}};
    for (const char* const subject : kFaultSubjects) faulty[subject] = 0;
    for (const std::string& subject : faults_.Subjects()) faulty[faulty.contains(subject) ? subject : kAccounts] = 1;
    for (const auto& [subject, is] : faulty) metrics_.faults.With({subject}).Set(is);
    const Roll roll = membership_.roll();
    int shards = 0;
    for (int seat = 0; seat < static_cast<int>(roll.seats.size()); ++seat)
      shards += seat != kLeadSeat && membership_.Has(seat) ? 1 : 0;
    metrics_.shards.Set(shards);
    metrics_.coordinators.Set(static_cast<double>(roll.members.size()));
    if (!roll.seats.empty())
      metrics_.lead_term.Set(static_cast<double>(roll.seats[static_cast<size_t>(kLeadSeat)].term));
    MutexLock lock(lead_mu_);
    metrics_.leads.Set(lead_ != nullptr ? 1 : 0);
  }

  const v1::Config config_;
  const std::shared_ptr<grpc::ServerCredentials> credentials_;
  const Dialer dialer_;
  const bool only_answer_;
  const SystemClock clock_;       // the calendar, with the offset of trials
  const SystemClock real_clock_;  // quota days are real days
  FaultBoard faults_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SpoolPool> spools_;
  ExtractRegistry extracts_;
  MetricSet metric_set_;
  CallMetrics call_metrics_;
  CoordinatorMetrics metrics_;
  LifeSigns life_;
  ClaimTable claims_;
  Membership membership_;
  ChunkService chunks_;
  ClaimKeeper claim_keeper_;
  LeadGate gate_;
  StreamLimit streams_;
  IngestService ingest_;
  WantedBoard wanted_;
  PeerService peer_;
  ScalerService scaler_;
  Mutex lead_mu_;
  std::unique_ptr<Lead> lead_;  // changed by one thread, under lead_mu_; nullptr: another one leads
  std::unique_ptr<Door> door_;
  std::unique_ptr<grpc::Server> server_;
  const std::shared_ptr<Authenticator> authenticator_;
  HttpGuard guard_;
  StatusPage page_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> serving_{false};  // calls are answered
  std::unique_ptr<HttpServer> http_;  // the last: what it shows outlives it
};

absl::Status MigrateStore(const v1::Config& config) {
  ASSIGN_OR_RETURN(StoreOptions options, StoreOptionsOf(config, /*passive=*/true));
  options.migrate = true;
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, OpenStore(options));
  return store->Resign();
}

Coordinator::Coordinator(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Coordinator::~Coordinator() = default;
absl::Status Coordinator::TakeIdentities(const v1::Config& config) { return parts_->TakeIdentities(config); }
int Coordinator::http_port() const { return parts_->http_port(); }

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(const v1::Config& config,
                                                                const CoordinatorOptions& options) {
  if (config.redis().empty()) {
    return absl::FailedPreconditionError(
        "`redis` is not set in the configuration; set it, or start with `tikhaul local`, which brings its own");
  }
  auto authenticator = std::make_shared<Authenticator>(config);
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::ServerCredentials> credentials, MakeServerCredentials(config, authenticator));
  ASSIGN_OR_RETURN(Dialer dialer, Dialer::Make(config));
  ASSIGN_OR_RETURN(const StoreOptions store_options, StoreOptionsOf(config, options.only_answer));
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, OpenStore(store_options));
  ASSIGN_OR_RETURN(std::unique_ptr<SpoolPool> spools,
                   SpoolPool::Open({.directory = config.coordinator().spool_dir(),
                                    .memory_bytes = config.coordinator().spool_memory_bytes(),
                                    .disk_bytes = config.coordinator().spool_disk_bytes()}));
  ASSIGN_OR_RETURN(ExtractRegistry extracts, RegisterPatiently(config, *store));
  auto parts = std::make_unique<Parts>(config, options, std::move(authenticator), std::move(credentials),
                                       std::move(dialer), std::move(store), std::move(spools), std::move(extracts));
  RETURN_IF_ERROR(parts->Start());
  return std::unique_ptr<Coordinator>(new Coordinator(std::move(parts)));
}

}  // namespace tikhaul
