#include "coordinator/lead/lead.h"

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

}  // namespace

Lead::Lead(const CoordinatorParts& parts)
    : parts_(parts),
      tokens_(RedisOptionsOf(parts.config), parts.config.app().id(), LimitsOf(parts.config), parts.real_clock),
      transport_({.base_url = parts.config.api().base_url(), .max_in_flight = 16}, tokens_, parts.real_clock),
      accounts_(
          parts.config, parts.store, transport_, [this] { return tokens_.Obstacle(); }, parts.clock, parts.faults),
      prober_(
          parts.config, parts.store, transport_, [this] { return tokens_.Obstacle(); }, parts.clock),
      planner_(parts.extracts, accounts_, prober_, parts.store, parts.clock),
      estimator_(
          parts.config, parts.store, transport_, [this] { return tokens_.Obstacle(); }, parts.clock),
      hints_(RedisOptionsOf(parts.config), parts.store.InstanceId()),
      dispatcher_(hints_, parts.store, parts.membership, parts.clock, parts.faults),
      quota_(RedisOptionsOf(parts.config), parts.config.app().id(), LimitsOf(parts.config), parts.store,
             parts.real_clock, parts.faults),
      runs_(parts.extracts, accounts_, planner_, estimator_, parts.store, parts.clock, [this] { Wake(); }),
      peers_(parts.membership, parts.peer, parts.store.Self(), parts.dialer),
      demand_(parts.config, parts.store, peers_, quota_, parts.wanted, parts.clock),
      status_(parts.config, parts.store, peers_, quota_, parts.clock),
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
}

void Lead::Dispatch() {
  while (!stopping_) {
    dispatcher_.WaitForWork(kDispatchEvery);
    if (!stopping_) dispatcher_.Tick();
  }
}

void Lead::KeepQuota() {
  while (!stopping_) {
    quota_.Tick();
    tikhaul::SleepFor(kQuotaEvery);
  }
}

// Sleeps in small steps, so that the end of the lead need not wait for it.
void Lead::KeepDemand() {
  absl::Duration next = parts_.clock.Monotonic();
  while (!stopping_) {
    if (parts_.clock.Monotonic() >= next) {
      demand_.Tick();
      next = parts_.clock.Monotonic() + kDemandEvery;
    }
    tikhaul::SleepFor(kQuotaEvery);
  }
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
