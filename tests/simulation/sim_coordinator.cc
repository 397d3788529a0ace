#include "tests/simulation/sim_coordinator.h"

#include <algorithm>

#include "coordinator/core/membership.h"
#include "coordinator/dispatch/dispatcher.h"
#include "coordinator/ingest/claim_keeper.h"
#include "coordinator/ingest/ingest_service.h"
#include "coordinator/lead/lead_gate.h"
#include "coordinator/membership/membership.h"

namespace tikhaul {
namespace {

constexpr size_t kStreams = 1000;  // of one address: more than there are
constexpr absl::Duration kShortestPause = absl::Milliseconds(200), kLongestPause = absl::Seconds(20);
constexpr absl::Duration kRenewEvery = absl::Seconds(2), kSeatsEvery = absl::Seconds(1);
constexpr absl::Duration kClaimsEvery = absl::Seconds(1), kIdleClaimsEvery = absl::Seconds(4);

}  // namespace

// As Coordinator::Parts: what every coordinator has.
struct SimCoordinator::Parts {
  Parts(SimCoordinator& self, ExtractRegistry registry)
      : extracts(std::move(registry)),
        claims(self.clock_, {}),
        membership(self.store_, self.clock_, faults, {}, [this](int shard) { return Busy(shard); }),
        chunks(extracts, self.store_, self.clock_, faults, self.around_.environment.metrics(),
               {.wake_dispatcher = [&self] { self.Wake(); },
                .keeps =
                    [this, &self](int shard) {
                      return membership.Keeps(shard) || self.around_.world.broken() == Broken::kSeats;
                    },
                .sleep =
                    [&self](absl::Duration duration) {
                      if (self.publishing()) self.around_.world.Note(Met::kPublishRetried);
                      self.around_.world.Sleep(self, duration);
                    },
                .random = [&self] { return self.around_.world.scheduler().Unit(); }}),
        claim_keeper(self.store_, claims, chunks, faults, [this](int shard) { return membership.Has(shard); }),
        gate([this] { return membership.LeadAddress(); }),
        streams(self.clock_, kStreams),
        ingest({.instance = self.store_.InstanceId(),
                .chunks = chunks,
                .claims = claims,
                .spools = self.around_.environment.spools(self.around_.world.weather().small_spool &&
                                                          !self.around_.world.calm()),
                .faults = faults,
                .gate = gate,
                .membership = membership,
                .streams = streams,
                .metrics = self.around_.environment.metrics()}) {}

  bool Busy(int shard) const {
    const std::vector<LiveClaim> live = claims.List();
    return std::any_of(live.begin(), live.end(), [shard](const LiveClaim& claim) {
      return claim.granted() && ShardOf(claim.connection, claim.advertiser) == shard;
    });
  }

  FaultBoard faults;
  ExtractRegistry extracts;
  ClaimTable claims;
  Membership membership;
  ChunkService chunks;
  ClaimKeeper claim_keeper;
  LeadGate gate;
  StreamLimit streams;
  IngestService ingest;
};

// As Lead: what the one that leads has beside.
struct SimCoordinator::LeadParts {
  explicit LeadParts(SimCoordinator& self)
      : accounts(self.around_.environment.config(self.around_.learned), self.store_,
                 self.around_.environment.transport(), Obstacle, self.clock_, self.parts_->faults),
        prober(self.around_.environment.config(self.around_.learned), self.store_, self.around_.environment.transport(),
               Obstacle, self.clock_),
        planner(self.parts_->extracts, accounts, prober, self.store_, self.clock_),
        estimator(self.around_.environment.config(self.around_.learned), self.store_,
                  self.around_.environment.transport(), Obstacle, self.clock_),
        sink(self.around_.world, self, self.around_.hints),
        dispatcher(sink, self.store_, self.parts_->membership, self.clock_, self.parts_->faults,
                   self.around_.environment.metrics()),
        runs(self.parts_->extracts, accounts, planner, estimator, self.store_, self.clock_, [&self] { self.Wake(); }) {}

  static std::string Obstacle() { return "the simulated API answers no questions"; }

  Accounts accounts;
  ActivityProber prober;
  BackfillPlanner planner;
  Estimator estimator;
  SimHintSink sink;
  Dispatcher dispatcher;
  RunService runs;
};

SimCoordinator::SimCoordinator(std::string name, const Surroundings& around)
    : Process(std::move(name)),
      around_(around),
      clock_(around.world.scheduler(), around.began),
      store_(around.world, *this, around.database, around.auditor) {
  clock_.set_pace(0.95 + 0.1 * around.world.scheduler().Unit());
}

SimCoordinator::~SimCoordinator() {
  for (const std::weak_ptr<SimStream>& one : streams_) {
    if (const std::shared_ptr<SimStream> stream = one.lock()) stream->Bury();
  }
}

bool SimCoordinator::leads() const { return serving() && lead_ != nullptr; }

void SimCoordinator::Start() {
  if (alive) return;
  alive = true;
  ++incarnation;
  around_.world.Trace(name, " starts");
  around_.world.Enter(*this, [this] { Begin(); });
}

void SimCoordinator::Begin() {
  absl::Status status = store_.Open();
  absl::StatusOr<ExtractRegistry> registry = absl::UnknownError("not registered");
  if (status.ok()) {
    registry = ExtractRegistry::Register(around_.environment.config(around_.learned), store_);
    status = registry.status();
  }
  if (!status.ok()) return around_.world.Kill(*this);  // it says why, and its supervisor starts it again
  parts_ = std::make_unique<Parts>(*this, *std::move(registry));
  parts_->membership.Renew();
  MoveSeats();
  ready_ = true;
  BeginTicks();
}

void SimCoordinator::BeginTicks() {
  const bool shared = around_.database.shared;
  if (shared) {
    Repeat([this] { parts_->membership.Renew(); }, [] { return kRenewEvery; });
  }
  // A coordinator that is alone has taken all seats in the beginning, or tries again.
  Repeat([this] { MoveSeats(); }, [this, shared] { return shared || lead_ == nullptr ? kSeatsEvery : kLongestPause; });
  Repeat([this] { parts_->claim_keeper.Tick(); },
         [this] { return parts_->claims.List().empty() && pause_ > kClaimsEvery ? kIdleClaimsEvery : kClaimsEvery; });
}

// One thread: the next round begins when this one has ended.
void SimCoordinator::Repeat(std::function<void()> tick, std::function<absl::Duration()> next) {
  around_.world.Later(*this, next() * (0.9 + 0.2 * around_.world.scheduler().Unit()), [this, tick, next] {
    tick();
    Repeat(tick, next);
  });
}

void SimCoordinator::MoveSeats() {
  parts_->membership.Tick();
  if (!around_.database.shared && !parts_->membership.Leads()) parts_->membership.Renew();
  FollowLead();
}

void SimCoordinator::FollowLead() {
  if (parts_->membership.Leads() == (lead_ != nullptr)) return;
  if (lead_ != nullptr) {
    if (calling_ || dispatching_) return;  // it waits for its threads
    around_.world.Trace(name, " leads no more");
    lead_.reset();
    ++rounds_;
    return;
  }
  around_.world.Trace(name, " leads");
  lead_ = std::make_unique<LeadParts>(*this);
  woken_ = false;
  Wake();
}

void SimCoordinator::Dispatch() {
  if (dispatching_ || lead_ == nullptr) return;
  dispatching_ = true;
  woken_ = false;
  lead_->dispatcher.Tick();
  dispatching_ = false;
  const uint64_t round = ++rounds_;
  const bool idle = parts_->claims.List().empty() && around_.hints.depth() == 0;
  pause_ = idle ? std::clamp(pause_ * 2, kShortestPause, kLongestPause)
                : around_.world.scheduler().Between(kShortestPause, absl::Seconds(2));
  around_.world.Later(*this, pause_, [this, round] {
    if (round == rounds_) Dispatch();
  });
}

void SimCoordinator::Wake() {
  if (woken_ || lead_ == nullptr) return;
  woken_ = true;
  pause_ = kShortestPause;
  const uint64_t round = ++rounds_;
  around_.world.Later(*this, absl::Milliseconds(20), [this, round] {
    if (round == rounds_) Dispatch();
  });
}

void SimCoordinator::Stop() {
  if (!serving() || around_.world.IsFrozen(*this)) return;
  around_.world.Trace(name, " is stopped");
  around_.world.Enter(*this, [this] {
    parts_->ingest.StartDraining();
    parts_->claims.Revoke([](const LiveClaim&) { return true; }, "the coordinator is stopping");
  });
  around_.world.Later(*this, around_.world.scheduler().Between(absl::ZeroDuration(), absl::Seconds(3)), [this] {
    store_.Resign().IgnoreError();
    around_.world.Kill(*this);
  });
}

void SimCoordinator::Bury() {
  around_.world.Note(Met::kCoordinatorKilled);
  ready_ = calling_ = dispatching_ = woken_ = false;
  frozen_until = -absl::InfiniteDuration();
  for (const std::weak_ptr<SimStream>& one : streams_) {
    if (const std::shared_ptr<SimStream> stream = one.lock()) stream->Bury();
  }
  streams_.clear();
  store_.set_session(std::nullopt);
  lead_.reset();
  parts_.reset();
  const absl::Duration pause = around_.world.calm()
                                   ? absl::Seconds(1)
                                   : around_.world.scheduler().Between(absl::Milliseconds(300), absl::Seconds(8));
  around_.world.scheduler().After(pause, [this] { Start(); });
}

void SimCoordinator::Call(const std::function<absl::Status(RunService&, Store&, const Clock&)>& call,
                          std::function<void(const absl::Status&)> answer) {
  if (!leads() || calling_ || around_.world.IsFrozen(*this))
    return answer(absl::UnavailableError("nobody answers who leads"));
  bool answered = false;
  around_.world.Enter(*this, [&] {
    calling_ = true;
    const absl::Status status = call(lead_->runs, store_, clock_);
    calling_ = false;
    answered = true;
    answer(status);
  });
  if (!answered) answer(absl::UnavailableError("the coordinator has died"));
}

bool SimCoordinator::publishing() const {
  return std::any_of(streams_.begin(), streams_.end(), [](const std::weak_ptr<SimStream>& one) {
    const std::shared_ptr<SimStream> stream = one.lock();
    return stream != nullptr && stream->publishing();
  });
}

std::unique_ptr<ExtractSession> SimCoordinator::NewSession(SimStream& stream) {
  return std::make_unique<ExtractSession>(parts_->ingest, stream);
}

std::optional<std::pair<ChunkId, uint64_t>> SimCoordinator::SetSession(
    std::optional<std::pair<ChunkId, uint64_t>> session) {
  const auto before = store_.session();
  store_.set_session(session);
  return before;
}

}  // namespace tikhaul
