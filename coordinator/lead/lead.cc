#include "coordinator/lead/lead.h"

#include <set>
#include <utility>

#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/quota/settings/quota_limits.h"
#include "common/redis/settings/redis_options.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kDispatchEvery = absl::Milliseconds(200);
constexpr absl::Duration kQuotaEvery = absl::Milliseconds(100);
constexpr absl::Duration kCareEvery = absl::Seconds(1);
constexpr absl::Duration kDemandEvery = absl::Seconds(2);
constexpr absl::Duration kAccountsEvery = absl::Hours(1);
constexpr absl::Duration kAccountsRetry = absl::Seconds(30);
constexpr absl::Duration kTokenRecheck = absl::Seconds(10);
constexpr absl::Duration kFiguresEvery = absl::Seconds(5);

}  // namespace

Lead::Lead(const CoordinatorParts& parts)
    : parts_(parts),
      tokens_(RedisOptionsOf(parts.config), parts.config.app().id(), LimitsOf(parts.config), parts.real_clock),
      transport_({.base_url = parts.config.api().base_url(),
                  .max_in_flight = 16,
                  .on_call = [&calls = parts.call_metrics](const CallReport& report) { calls.Note(report); }},
                 tokens_, parts.real_clock),
      accounts_(
          parts.config, parts.store, transport_, [this] { return tokens_.Obstacle(); }, parts.clock, parts.faults),
      prober_(
          parts.config, parts.store, transport_, [this] { return tokens_.Obstacle(); }, parts.clock),
      planner_(parts.extracts, accounts_, prober_, parts.store, parts.clock),
      estimator_(
          parts.config, parts.store, transport_, [this] { return tokens_.Obstacle(); }, parts.clock),
      hints_(RedisOptionsOf(parts.config), parts.store.InstanceId()),
      dispatcher_(hints_, parts.store, parts.membership, parts.clock, parts.faults, parts.metrics),
      quota_(RedisOptionsOf(parts.config), parts.config.app().id(), LimitsOf(parts.config), parts.store,
             parts.real_clock, parts.faults),
      runs_(parts.extracts, accounts_, planner_, estimator_, parts.store, parts.clock, [this] { Wake(); }),
      peers_(parts.membership, parts.peer, parts.store.Self(), parts.dialer),
      demand_(parts.config, parts.store, peers_, quota_, parts.wanted, parts.clock),
      status_(parts.config, parts.store, peers_, quota_, parts.clock),
      figures_(parts.config, parts.extracts, parts.store, parts.clock, parts.real_clock, parts.metrics),
      verify_(parts.config, parts.extracts, parts.store, accounts_, transport_, parts.clock),
      admin_({.config = parts.config,
              .extracts = parts.extracts,
              .store = parts.store,
              .accounts = accounts_,
              .runs = runs_,
              .claims = parts.claims,
              .quota = quota_,
              .faults = parts.faults,
              .status = status_,
              .verify = verify_,
              .clock = parts.clock,
              .wake_dispatcher = [this] { Wake(); }}) {}

absl::StatusOr<std::unique_ptr<Lead>> Lead::Start(const CoordinatorParts& parts, bool only_answer) {
  std::unique_ptr<Lead> lead(new Lead(parts));
  ASSIGN_OR_RETURN(lead->scheduler_, Scheduler::Make(parts.extracts, lead->runs_, parts.store, parts.clock));
  lead->Begin(only_answer);
  return lead;
}

void Lead::Begin(bool only_answer) {
  quota_.Tick();
  threads_.emplace_back([this] { KeepQuota(); });
  threads_.emplace_back([this] { Measure(); });
  if (!only_answer) {
    threads_.emplace_back([this] { Dispatch(); });
    threads_.emplace_back([this] { Care(); });
    threads_.emplace_back([this] { KeepDemand(); });
  }
  parts_.gate.Open({.admin = &admin_, .quota = &quota_.lender()});
  LogInfo("this coordinator leads");
}

Lead::~Lead() {
  stopping_ = true;
  transport_.ReleaseAll();  // what waits for the API would hold the threads up
  transport_.Stop();        // so that no thread of ours waits for an answer
  admin_.Stop();
  parts_.gate.Close();
  dispatcher_.Wake();
  for (std::thread& thread : threads_) thread.join();
  parts_.metrics.ForgetLead();
}

void Lead::Repeat(const char* loop, absl::Duration pause, const std::function<void()>& tick) {
  while (!stopping_) {
    parts_.life.Promise(loop, kStorePatience);
    tick();
    parts_.life.Promise(loop);
    tikhaul::SleepFor(pause);
  }
  parts_.life.End(loop);
}

void Lead::Dispatch() {
  Repeat("dispatch", absl::ZeroDuration(), [this] {
    dispatcher_.WaitForWork(kDispatchEvery);
    if (!stopping_) dispatcher_.Tick();
  });
}

void Lead::KeepQuota() {
  const auto window = [](GaugeFamily& family, const char* name, uint64_t calls) {
    family.With({name}).Set(static_cast<double>(calls));
  };
  CoordinatorMetrics& metrics = parts_.metrics;
  window(metrics.quota_limit, "second", parts_.config.quota().per_second());
  window(metrics.quota_limit, "minute", parts_.config.quota().per_minute());
  window(metrics.quota_limit, "day", parts_.config.quota().per_day());
  Repeat("quota", kQuotaEvery, [&] {
    quota_.Tick();
    const QuotaReport report = quota_.Report();
    window(metrics.quota_used, "second", report.used_last_second);
    window(metrics.quota_used, "minute", report.used_last_minute);
    window(metrics.quota_used, "day", report.used_today);
    metrics.quota_open.With({}).Set(report.open ? 1 : 0);
    metrics.quota_frozen.With({}).Set(absl::ToDoubleSeconds(report.frozen_for));
    metrics.quota_factor.With({}).Set(report.limit_factor);
  });
}

// Sleeps in small steps, so that the end of the lead need not wait for it.
void Lead::Measure() {
  absl::Duration next = parts_.clock.Monotonic();
  Repeat("figures of the store", absl::Milliseconds(200), [&] {
    if (parts_.clock.Monotonic() < next) return;
    next = parts_.clock.Monotonic() + kFiguresEvery;
    std::set<std::string> workers;  // one may have streams at several coordinators
    for (const CoordinatorReport& one : peers_.List()) {
      for (const v1::WorkerInfo& worker : one.report.workers()) workers.insert(worker.incarnation());
    }
    parts_.metrics.workers.With({}).Set(static_cast<double>(workers.size()));
    figures_.Tick().IgnoreError();  // the board shows a store that is away; how old the figures are, a metric
  });
}

// Sleeps in small steps, so that the end of the lead need not wait for it.
void Lead::KeepDemand() {
  absl::Duration next = parts_.clock.Monotonic();
  Repeat("demand", kQuotaEvery, [&] {
    if (parts_.clock.Monotonic() < next) return;
    demand_.Tick();
    if (const auto wanted = parts_.wanted.Get(); wanted.has_value())
      parts_.metrics.wanted_workers.With({}).Set(*wanted);
    next = parts_.clock.Monotonic() + kDemandEvery;
  });
}

// Accounts, schedules and the other coordinators: what may wait for the network.
void Lead::Care() {
  absl::Duration next_refresh = parts_.clock.Monotonic(), next_recheck = next_refresh;
  while (!stopping_) {
    const absl::Duration now = parts_.clock.Monotonic();
    if (now >= next_refresh) {
      next_refresh = now + (accounts_.Refresh().ok() ? kAccountsEvery : kAccountsRetry);
    }
    if (now >= next_recheck) {
      accounts_.RecheckPaused();
      next_recheck = now + kTokenRecheck;
    }
    scheduler_->Tick();
    peers_.Tick();
    tikhaul::SleepFor(kCareEvery);
  }
}

}  // namespace tikhaul
