#include "worker/worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/backoff.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/http/access/http_access.h"
#include "common/metrics/metric_pages.h"
#include "common/metrics/process_metrics.h"
#include "common/quota/settings/quota_limits.h"
#include "common/redis/settings/redis_options.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kPopWait = absl::Milliseconds(500);  // a worker that stops waits for it
constexpr absl::Duration kHelloPatience = absl::Seconds(5);
constexpr absl::Duration kGreetEvery = absl::Seconds(20), kGreetPatience = absl::Milliseconds(500);
constexpr absl::Duration kReclaimEvery = absl::Seconds(10);
constexpr absl::Duration kReclaimIdle = absl::Seconds(60);  // far longer than from pop to the claim's answer
constexpr int kMostCoordinators = 3;                        // asked one after the other for a chunk that is moving
constexpr char kLinkLoop[] = "hints";
constexpr absl::Duration kFriendsPatience = absl::Minutes(2);  // far longer than coordinator and Redis may take
constexpr BackoffPolicy kReconnect = {absl::Milliseconds(200), absl::Seconds(2)};

WorkerOptions WithDefaults(WorkerOptions options) {
  const v1::CoordinatorSettings& settings = options.config.coordinator();
  if (options.coordinators.empty()) options.coordinators = {settings.addresses().begin(), settings.addresses().end()};
  if (options.coordinators.empty()) options.coordinators = {settings.listen()};
  if (options.name.empty()) options.name = HostName();
  if (options.slots == 0) options.slots = std::max(1u, options.config.worker().slots());
  return options;
}

TransportOptions TransportOptionsOf(const v1::Config& config, BodyRoom& room, CallMetrics& calls) {
  TransportOptions options;
  options.base_url = config.api().base_url();
  options.max_in_flight = std::max(1u, config.worker().pages_in_flight());
  options.room = &room;
  options.on_call = [&calls](const CallReport& report) { calls.Note(report); };
  return options;
}

std::vector<std::string> ExtractsOf(const v1::Config& config) {
  std::vector<std::string> names;
  for (const v1::Extract& extract : config.extracts()) names.push_back(extract.name());
  return names;
}

absl::Status CheckConfig(const v1::Config& config) {
  if (config.redis().empty()) {
    return absl::InvalidArgumentError("redis is not set in tikhaul.yaml; a worker needs the Redis of its coordinator");
  }
  RETURN_IF_ERROR(CheckRedisUrl(config.redis()));
  return CheckBaseUrl(config.api().base_url());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Make(WorkerOptions options, const Clock& clock) {
  options = WithDefaults(std::move(options));
  RETURN_IF_ERROR(CheckConfig(options.config));
  ASSIGN_OR_RETURN(Dialer dialer, Dialer::Make(options.config));
  ASSIGN_OR_RETURN(std::unique_ptr<CoordinatorLinks> links,
                   CoordinatorLinks::Make(options.coordinators, std::move(dialer), options.slots));
  return std::unique_ptr<Worker>(new Worker(std::move(options), std::move(links), clock));
}

Worker::Worker(WorkerOptions options, std::unique_ptr<CoordinatorLinks> links, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      incarnation_(RandomId()),
      consumer_(absl::StrCat(options_.name, "-", incarnation_)),
      redis_(RedisOptionsOf(options_.config)),
      call_metrics_(metric_set_),
      metrics_(metric_set_, ExtractsOf(options_.config)),
      life_(clock),
      authenticator_(options_.config),
      guard_(clock_, {.secure = EncryptsHttp(options_.config)}),
      links_(std::move(links)),
      borrower_(*links_),
      tokens_(redis_, options_.config.app().id(), LimitsOf(options_.config), clock_, &borrower_),
      budget_(std::max<uint64_t>(options_.config.worker().memory_bytes(), 1)),
      transport_(TransportOptionsOf(options_.config, budget_, call_metrics_), tokens_, clock_),
      source_(transport_),
      spender_(redis_, consumer_),
      board_(options_.slots),
      run_context_{source_,  budget_,       clock_,       options_.config,
                   metrics_, options_.name, incarnation_, std::max(1u, options_.config.worker().pages_in_flight())} {
  AddProcessMetrics(metric_set_, options_.revision);
  metrics_.slots.Set(options_.slots);
  metrics_.memory_limit.Set(static_cast<double>(options_.config.worker().memory_bytes()));
  metric_set_.BeforeRead([this] { SetFigures(); });
}

Worker::~Worker() {
  Stop(absl::ZeroDuration());
  if (link_thread_.joinable()) link_thread_.join();
  for (std::thread& thread : slot_threads_) thread.join();
}

absl::Status Worker::Start() {
  RETURN_IF_ERROR(StartHttp());
  LogInfo("worker starts", {{"name", options_.name},
                            {"incarnation", incarnation_},
                            {"coordinator", absl::StrJoin(options_.coordinators, ",")},
                            {"slots", options_.slots}});
  link_thread_ = std::thread([this] { LinkLoop(); });
  for (uint32_t i = 0; i < options_.slots + 1; ++i) slot_threads_.emplace_back([this] { SlotLoop(); });
  return absl::OkStatus();
}

absl::Status Worker::StartHttp() {
  const std::string& listen = options_.config.worker().http();
  if (listen.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<HttpTls> tls, HttpTlsFor(options_.config, listen));
  std::map<std::string, HttpHandler> pages = MetricPages(metric_set_, life_, [this] { return linked(); });
  GuardMetrics(guard_, KnownCheck(authenticator_), pages);
  ASSIGN_OR_RETURN(http_, HttpServer::Start(listen, std::move(pages), tls));
  LogInfo("metrics and probes are served over HTTP", {{"port", http_->port()}});
  return absl::OkStatus();
}

void Worker::SetFigures() {
  metrics_.slots_busy.Set(static_cast<double>(board_.busy()));
  metrics_.memory_used.Set(static_cast<double>(budget_.used()));
}

void Worker::SetLinked(bool linked) {
  linked_ = linked;
  metrics_.linked.Set(linked ? 1 : 0);
}

bool Worker::Stop(absl::Duration grace, absl::Duration patience) {
  board_.Stop();
  {
    MutexLock lock(mu_);
    stop_asked_.SignalAll();
  }
  if (board_.WaitForIdle(grace)) return true;
  board_.ReleaseAll();
  return board_.WaitForIdle(patience);
}

void Worker::LinkLoop() {
  int failures = 0;
  while (!board_.stopped()) {
    life_.Promise(kLinkLoop, kFriendsPatience);
    if (!Hello()) {
      Pause(BackoffDelay(kReconnect, ++failures, RandomUnit()));
      continue;
    }
    HintConsumer hints(redis_, instance(), consumer_);
    failures = 0;
    int redis_failures = 0;
    while (linked_ && !board_.stopped()) {
      life_.Promise(kLinkLoop, kFriendsPatience);
      Greet();
      if (ServeHints(hints)) {
        redis_failures = 0;
      } else {
        Pause(BackoffDelay(kReconnect, ++redis_failures, RandomUnit()));
      }
      life_.Promise(kLinkLoop);
    }
  }
  life_.End(kLinkLoop);
}

grpc::Status Worker::SayHello(const std::string& address, absl::Duration patience, v1::HelloResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(gpr_time_from_millis(absl::ToInt64Milliseconds(patience), GPR_TIMESPAN));
  v1::HelloRequest request;
  request.set_protocol(v1::PROTOCOL_VERSION_1);
  request.set_worker(options_.name);
  request.set_incarnation(incarnation_);
  const IngestStub stub = *links_->At(address);  // was opened by Make
  return stub->Hello(&context, request, &response);
}

void Worker::Greet() {
  if (clock_.Monotonic() < next_greeting_) return;
  v1::HelloResponse response;
  SayHello(links_->Home(), kGreetPatience, response);  // streams tell when it is gone
  next_greeting_ = clock_.Monotonic() + kGreetEvery;
}

bool Worker::Hello() {
  v1::HelloResponse response;
  const std::string address = links_->Home();
  const grpc::Status status = SayHello(address, kHelloPatience, response);
  if (!status.ok()) {
    if (!told_unreachable_) {
      LogWarning("the coordinator does not answer; trying again",
                 {{"address", address}, {"reason", status.error_message()}});
    }
    told_unreachable_ = true;
    links_->TryNext();
    return false;
  }
  told_unreachable_ = false;
  LogInfo("linked to the coordinator", {{"address", address}, {"instance", response.instance()}});
  {
    MutexLock lock(mu_);
    instance_ = response.instance();
  }
  SetLinked(true);
  next_greeting_ = clock_.Monotonic() + kGreetEvery;
  return true;
}

bool Worker::ServeHints(HintConsumer& hints) {
  const size_t free = board_.WaitForFree(kPopWait);
  absl::StatusOr<std::vector<Hint>> popped = std::vector<Hint>();
  bool reclaimed = false;
  if (free == 0) {
    if (!board_.SpareIsFree()) return true;
    popped = hints.PopFirst();
  } else if (clock_.Monotonic() >= next_reclaim_) {
    next_reclaim_ = clock_.Monotonic() + kReclaimEvery;
    popped = hints.Reclaim(free, kReclaimIdle);
    reclaimed = popped.ok() && !popped->empty();
  }
  if (free > 0 && popped.ok() && popped->empty()) popped = hints.Pop(free, kPopWait);
  NoteRedis(popped.status());
  if (!popped.ok()) return false;
  metrics_.hints.With({reclaimed ? "reclaimed" : "new"}).Add(static_cast<double>(popped->size()));
  board_.HandOut(*popped);
  return true;
}

void Worker::NoteRedis(const absl::Status& status) {
  if (!status.ok() && !redis_is_down_) {
    LogWarning("the hint queue cannot be read; trying again", {{"reason", status.message()}});
  }
  if (status.ok() && redis_is_down_) LogInfo("the hint queue can be read again");
  redis_is_down_ = !status.ok();
  metrics_.queue_reachable.Set(status.ok() ? 1 : 0);
}

void Worker::SlotLoop() {
  while (true) {
    ChunkInbox inbox;
    const std::optional<Hint> hint = board_.Take(&inbox);
    if (!hint.has_value()) return;
    // The hint stays pending: the coordinator pushes a new one, or somebody reclaims this one.
    if (RunChunk(*hint, inbox) == ChunkOutcome::kUnreachable) SetLinked(false);
    board_.End(&inbox);
  }
}

ChunkOutcome Worker::RunChunk(const Hint& hint, ChunkInbox& inbox) {
  const std::string queue = instance();
  const auto spend = [&] { spender_.Spend(queue, hint); };
  std::string address = hint.coordinator;
  for (int tries = 0; tries < kMostCoordinators; ++tries) {
    const absl::StatusOr<IngestStub> stub = links_->At(address);
    if (!stub.ok()) {
      LogWarning("a coordinator cannot be used", {{"address", address}, {"reason", stub.status().message()}});
      break;
    }
    ChunkRun run(run_context_, **stub, inbox, hint.chunk);
    const ChunkOutcome outcome = run.Run(spend);
    if (outcome != ChunkOutcome::kElsewhere) return outcome;
    address = run.elsewhere();
    inbox.Renew();
  }
  spend();  // the lead pushes a new one
  return ChunkOutcome::kRefused;
}

void Worker::Pause(absl::Duration longest) {
  MutexLock lock(mu_);
  if (!board_.stopped()) stop_asked_.WaitFor(mu_, longest);
}

std::string Worker::instance() const {
  MutexLock lock(mu_);
  return instance_;
}

}  // namespace tikhaul
