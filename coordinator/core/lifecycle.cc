#include "coordinator/core/lifecycle.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/core/access.h"
#include "coordinator/core/planner.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kCannotSplit =
    "the API cannot answer this request in time or in size, and its window cannot be cut further; ask for less: "
    "fewer dimensions or metrics, or filters on campaign, ad group or ad ids (at most 100 each), then `tikhaul retry` "
    "it";
constexpr absl::string_view kTruncated =
    "the API looked at the 20,000 newest objects only, and asking for them in smaller groups does not help, so the "
    "answer is not whole and was not stored; narrow the extract with filters on campaign, ad group or ad ids (at most "
    "100 each), or set include_deleted: false, with which an asynchronous report can bring it, then `tikhaul retry` it";

constexpr int kContentTooLarge = 413;
constexpr int kQuarantineCrashes = 2;

// The present owner, if any, has lost the chunk.
void EndOwnership(ChunkState next, Chunk* chunk) {
  chunk->state = next;
  ++chunk->epoch;
  chunk->owner.clear();
}

// `hinted_at` is forgotten, so that the next push round takes the chunk.
void MakeReady(absl::Time not_before, Chunk* chunk) {
  EndOwnership(ChunkState::kReady, chunk);
  chunk->not_before = not_before;
  chunk->hinted_at = absl::InfinitePast();
}

void Die(const Failure& failure, absl::string_view message, absl::Time now, FailureOutcome* outcome) {
  Chunk& chunk = outcome->chunk;
  EndOwnership(ChunkState::kDead, &chunk);
  chunk.last_error = std::string(message);
  outcome->dead_letter = DeadLetter{.chunk = chunk.id,
                                    .reason = failure.failure_class,
                                    .code = failure.code,
                                    .http_status = failure.http_status,
                                    .message = chunk.last_error,
                                    .request_id = failure.request_id,
                                    .exchange = failure.exchange,
                                    .died = now};
}

// With the API's own words behind ours, if there are any.
std::string Explain(absl::string_view ours, absl::string_view theirs) {
  return theirs.empty() ? std::string(ours) : absl::StrCat(ours, " (", theirs, ")");
}

// One more failure of a kind that counts: ready after `wait`, or dead when it was the last one allowed.
void Count(const Failure& failure, int* counter, int max, absl::Duration wait, absl::Time now,
           FailureOutcome* outcome) {
  ++*counter;
  if (*counter < max) return MakeReady(now + wait, &outcome->chunk);
  const std::string given_up =
      absl::StrCat("given up after ", *counter, " failures of class ", Name(failure.failure_class));
  Die(failure, Explain(given_up, failure.message), now, outcome);
}

void Close(const Failure& failure, const FailurePolicy& policy, absl::Time now, FailureOutcome* outcome) {
  outcome->access = AfterRefusal(policy.access, policy.closed_as, failure.code, failure.message, now);
  MakeReady(outcome->access->retry_at, &outcome->chunk);
}

// False: the window cannot be cut.
bool Split(const FailurePolicy& policy, FailureOutcome* outcome) {
  const Window& window = outcome->chunk.window;
  if (policy.advised_windows.size() > 1) {
    outcome->split_into = policy.advised_windows;
  } else if (policy.may_split) {
    outcome->split_into = SplitWindow(policy.advised_windows.empty() ? window : policy.advised_windows.front());
  }
  if (outcome->split_into.empty()) return false;
  EndOwnership(ChunkState::kSplit, &outcome->chunk);
  return true;
}

// Read it so from now on.
void Take(Road road, absl::Time now, FailureOutcome* outcome) {
  outcome->road = road;
  MakeReady(now, &outcome->chunk);
}

// The API did not say that the answer is too large, so that it may only have been slow.
bool MayPass(const Failure& failure) { return failure.code == 0 && failure.http_status != kContentTooLarge; }

void ShrinkOrDie(const Failure& failure, const FailurePolicy& policy, absl::Time now, FailureOutcome* outcome) {
  if (Split(policy, outcome)) return;
  const bool by_task = failure.road == Road::kTask;
  const uint32_t slice_ids = policy.slice_ids == 0 ? policy.first_slice : policy.slice_ids / 2;
  if (by_task || !policy.may_slice || slice_ids == 0) {
    if (by_task && policy.may_pages) return Take(Road::kPages, now, outcome);
    if (!by_task && policy.may_task) return Take(Road::kTask, now, outcome);
    int& timed_out = outcome->chunk.attempts.transient;
    if (MayPass(failure) && ++timed_out < policy.max_time_outs) {
      return MakeReady(now + policy.time_out_wait, &outcome->chunk);
    }
    return Die(failure, Explain(kCannotSplit, failure.message), now, outcome);
  }
  outcome->slice_ids = slice_ids;
  MakeReady(now, &outcome->chunk);
}

void CountDrift(const Failure& failure, const FailurePolicy& policy, absl::Time now, FailureOutcome* outcome) {
  int& drift = outcome->chunk.attempts.drift;
  if (drift + 1 >= policy.max_drift && Split(policy, outcome)) {
    ++drift;
    return;
  }
  if (drift + 1 >= policy.max_drift && failure.road == Road::kPages && policy.may_task) {
    drift = 0;
    return Take(Road::kTask, now, outcome);
  }
  Count(failure, &drift, policy.max_drift, policy.drift_wait, now, outcome);
}

void CountTransient(const Failure& failure, absl::Time now, double random, const FailurePolicy& policy,
                    FailureOutcome* outcome) {
  int& transient = outcome->chunk.attempts.transient;
  if (!policy.advised_windows.empty() && transient + 1 >= policy.wide_patience && Split(policy, outcome)) {
    ++transient;
    return;
  }
  Count(failure, &transient, policy.max_transient, BackoffDelay(policy.backoff, transient + 1, random), now, outcome);
}

absl::Duration CrashWait(int crashes, const FailurePolicy& policy) {
  if (crashes < kQuarantineCrashes) return absl::ZeroDuration();
  return policy.crash_wait * (1 << (crashes - kQuarantineCrashes));
}

void Apply(const Failure& failure, absl::Time now, double random, const FailurePolicy& policy,
           FailureOutcome* outcome) {
  Chunk& chunk = outcome->chunk;
  Attempts& attempts = chunk.attempts;
  const bool refused =
      failure.failure_class == FailureClass::kPermanent || failure.failure_class == FailureClass::kPermission;
  if (refused && failure.road == Road::kTask && policy.may_pages) return Take(Road::kPages, now, outcome);
  switch (failure.failure_class) {
    case FailureClass::kTransient:
      return CountTransient(failure, now, random, policy, outcome);
    case FailureClass::kDrift:
      return CountDrift(failure, policy, now, outcome);
    case FailureClass::kCrash:
      return Count(failure, &attempts.crash, policy.max_crash, CrashWait(attempts.crash + 1, policy), now, outcome);
    case FailureClass::kUnreachable:
      return MakeReady(now + policy.unreachable_wait * (1 + random) / 2, &chunk);
    case FailureClass::kThrottled:
      return MakeReady(now + policy.throttled_wait, &chunk);
    case FailureClass::kStore:
      return MakeReady(now + policy.store_wait, &chunk);
    case FailureClass::kReleased:
      return MakeReady(now, &chunk);
    case FailureClass::kAuth:
      outcome->pause_connection = true;
      return MakeReady(now, &chunk);
    case FailureClass::kPermission:
      return Close(failure, policy, now, outcome);
    case FailureClass::kUnknownCode:
      return Count(failure, &attempts.transient, policy.max_unknown_code,
                   BackoffDelay(policy.unknown_code_backoff, attempts.transient + 1, random), now, outcome);
    case FailureClass::kTooBig:
      return ShrinkOrDie(failure, policy, now, outcome);
    case FailureClass::kTruncated:
      if (policy.may_task) return Take(Road::kTask, now, outcome);
      return Die(failure, Explain(kTruncated, failure.message), now, outcome);
    case FailureClass::kPermanent:
      // Windows of any length are allowed as far as known (tiktok-api.md 6.1); no window at all certainly is.
      if (chunk.window.kind == WindowKind::kCreated && !policy.advised_windows.empty() && Split(policy, outcome))
        return;
      break;
  }
  Die(failure, failure.message, now, outcome);
}

}  // namespace

ClaimDecision DecideClaim(const Chunk& chunk, absl::string_view worker, absl::Time now,
                          const std::optional<std::string>& pause_reason, bool owned_by_live_stream) {
  if (chunk.state != ChunkState::kReady && chunk.state != ChunkState::kRunning) {
    return {ClaimAnswer::kGone, absl::StrCat("the chunk is ", Name(chunk.state)), chunk};
  }
  if (chunk.state == ChunkState::kRunning && owned_by_live_stream) {
    return {ClaimAnswer::kOwned, absl::StrCat("worker ", chunk.owner, " has it"), chunk};
  }
  if (pause_reason.has_value()) return {ClaimAnswer::kPaused, *pause_reason, chunk};
  if (chunk.not_before > now) {
    return {ClaimAnswer::kLater, absl::StrCat("not before ", FormatInstant(chunk.not_before)), chunk};
  }
  ClaimDecision granted{ClaimAnswer::kGranted, "", chunk};
  EndOwnership(ChunkState::kRunning, &granted.chunk);
  granted.chunk.owner = std::string(worker);
  ++granted.chunk.attempts.deliveries;
  return granted;
}

absl::Status CheckOwner(const Chunk& chunk, uint64_t epoch) {
  if (chunk.state == ChunkState::kRunning && chunk.epoch == epoch) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("stale epoch: chunk ", chunk.id, " is ", Name(chunk.state), " at epoch ",
                                         chunk.epoch, ", not running at epoch ", epoch));
}

absl::StatusOr<Chunk> DecidePublish(const Chunk& chunk, uint64_t epoch, uint64_t calls) {
  RETURN_IF_ERROR(CheckOwner(chunk, epoch));
  Chunk done = chunk;
  done.state = ChunkState::kDone;
  done.calls += calls;
  return done;
}

absl::StatusOr<FailureOutcome> DecideFailure(const Chunk& chunk, uint64_t epoch, const Failure& failure, absl::Time now,
                                             double random, const FailurePolicy& policy) {
  RETURN_IF_ERROR(CheckOwner(chunk, epoch));
  FailureOutcome outcome;
  outcome.chunk = chunk;
  outcome.chunk.calls += failure.calls;
  if (failure.failure_class != FailureClass::kReleased) {
    outcome.chunk.last_failure = failure.failure_class;
    outcome.chunk.last_error = failure.message;
  }
  Apply(failure, now, random, policy, &outcome);
  return outcome;
}

bool IsLost(const Chunk& chunk) {
  return chunk.state == ChunkState::kReady && chunk.attempts.deliveries > 0 &&
         chunk.hinted_at == absl::InfinitePast() &&
         chunk.last_failure.value_or(FailureClass::kCrash) == FailureClass::kCrash;
}

bool InQuarantine(const Chunk& chunk) { return chunk.attempts.crash >= kQuarantineCrashes; }

std::vector<Chunk> ChildrenOf(const Chunk& parent, const std::vector<Window>& windows) {
  std::vector<Chunk> children;
  for (const Window& window : windows) {
    Chunk child;
    child.run_id = parent.run_id;
    child.extract = parent.extract;
    child.connection = parent.connection;
    child.advertiser = parent.advertiser;
    child.window = window;
    child.only_metrics = parent.only_metrics;
    child.priority = parent.priority;
    child.parent = parent.id;
    children.push_back(std::move(child));
  }
  return children;
}

std::optional<Chunk> DecideCancel(const Chunk& chunk) {
  if (chunk.state != ChunkState::kReady && chunk.state != ChunkState::kRunning) return std::nullopt;
  Chunk cancelled = chunk;
  EndOwnership(ChunkState::kCancelled, &cancelled);
  return cancelled;
}

absl::StatusOr<Chunk> DecideRetry(const Chunk& chunk) {
  if (chunk.state != ChunkState::kDead) {
    return absl::FailedPreconditionError(
        absl::StrCat("chunk ", chunk.id, " is ", Name(chunk.state), "; only dead chunks can be retried"));
  }
  Chunk again = chunk;
  MakeReady(absl::InfinitePast(), &again);
  again.attempts = Attempts{.deliveries = chunk.attempts.deliveries};
  return again;
}

RunState RunStateAfter(const ChunkCounts& counts) {
  if (counts.ready > 0 || counts.running > 0) return RunState::kRunning;
  if (counts.cancelled > 0) return RunState::kCancelled;
  return counts.dead > 0 ? RunState::kPartial : RunState::kDone;
}

}  // namespace tikhaul
