// The life of a chunk: what may happen to it next, and what follows from each failure. Pure decisions; the caller reads
// the chunk from the store, asks here, and writes the answer in the same transaction.
//
//   ready -> running -> done | split | dead;  running -> ready when ownership is lost;  ready, running -> cancelled;
//   dead -> ready when an operator says so.
//
// The epoch grows with every grant, every loss of ownership, cancel, split, death and retry, so that messages of an
// earlier owner can always be told from those of the present one.
#ifndef TIKHAUL_COORDINATOR_CORE_LIFECYCLE_H_
#define TIKHAUL_COORDINATOR_CORE_LIFECYCLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/backoff.h"
#include "common/model/chunk.h"

namespace tikhaul {

enum class ClaimAnswer {
  kGranted,
  kGone,   // done, cancelled, split or dead
  kOwned,  // a living stream has it
  kPaused,
  kLater,      // not before a later time
  kElsewhere,  // its shard is another coordinator's
};

struct ClaimDecision {
  ClaimAnswer answer = ClaimAnswer::kGone;
  std::string detail;  // why not, for people; empty when granted
  Chunk chunk;         // to be stored when granted, else as it was
};

// `pause_reason`: of the first pause that holds the chunk back, if any. `owned_by_live_stream`: a stream of this
// coordinator that holds the chunk's present epoch. A running chunk without one was lost without a record (the store
// was out of order when its stream ended) and is granted anew.
ClaimDecision DecideClaim(const Chunk& chunk, absl::string_view worker, absl::Time now,
                          const std::optional<std::string>& pause_reason, bool owned_by_live_stream);

// ABORTED with "stale epoch" unless the chunk is running under `epoch`: whoever asks is not its owner any more.
absl::Status CheckOwner(const Chunk& chunk, uint64_t epoch);

// The chunk done, with `calls` added. ABORTED as CheckOwner.
absl::StatusOr<Chunk> DecidePublish(const Chunk& chunk, uint64_t epoch, uint64_t calls);

// What a worker, or the coordinator itself, tells of an attempt that ended without rows.
struct Failure {
  FailureClass failure_class = FailureClass::kTransient;
  int code = 0;         // of the API's envelope; 0 when there was none
  int http_status = 0;  // 0 when there was no answer
  std::string message;  // without secrets, as all texts here
  std::string request_id;
  std::string exchange;
  uint64_t calls = 0;  // API calls of this attempt
  Road road = Road::kPages;
};

// Figures from queue-notes.md 2.8; transient failures go on for twenty minutes instead of two, so that trouble at the
// API's side, which passes, does not end in dead letters. A maximum is the count of failures at which the chunk dies.
struct FailurePolicy {
  BackoffPolicy backoff;  // between transient failures
  int max_transient = 12;
  int max_drift = 5;
  int max_crash = 4;
  absl::Duration unreachable_wait = absl::Seconds(10);  // with jitter: between half of it and the whole
  absl::Duration throttled_wait = absl::Seconds(5);
  absl::Duration drift_wait = absl::Seconds(2);
  absl::Duration store_wait = absl::Seconds(2);
  absl::Duration crash_wait = absl::Seconds(15);  // in quarantine, doubling
  // Of requests that cannot be made smaller: one that times out three times in 10 minutes is refused (tiktok-api.md
  // 3.3).
  absl::Duration time_out_wait = absl::Minutes(10);
  int max_time_outs = 6;
  BackoffPolicy unknown_code_backoff = {absl::Seconds(5), absl::Minutes(10)};
  int max_unknown_code = 6;
  Access access;                                  // of the chunk's advertiser and endpoint, as recorded
  AccessState closed_as = AccessState::kNoGrant;  // what a failure of class permission says of it
  // False where halves of a window do not add up to it (reports without a time dimension hold reach and other figures
  // that are not sums, and their key holds the window): then too big is final.
  bool may_split = true;
  // The window asks for more at once than the API advises, and these are its parts: it is cut into them rather than in
  // halves, and also when it is refused, or after wide_patience transient failures (time-outs of lists are such).
  std::vector<Window> advised_windows = {};
  int wide_patience = 3;
  // Requests can be narrowed by the ids of objects (ReadPlan.listings). `slice_ids`: so many of them at a time now; 0:
  // not narrowed.
  bool may_slice = false;
  uint32_t slice_ids = 0;
  uint32_t first_slice = 100;  // so many at first (tiktok-api.md 4.5)
  // A chunk that pages cannot make whole may be read by a task, and one whose task is refused by pages.
  bool may_task = false, may_pages = false;
};

struct FailureOutcome {
  Chunk chunk;                            // to be stored
  std::optional<DeadLetter> dead_letter;  // exactly when chunk.state is kDead
  std::vector<Window> split_into;         // not empty exactly when chunk.state is kSplit: ChildrenOf makes the chunks
  std::optional<uint32_t> slice_ids;      // remember it for advertiser x extract: requests are to be narrowed so
  std::optional<Road> road;               // remember it for advertiser x extract: chunks are to be read so
  bool pause_connection = false;          // its token does not work: nothing of chunk.connection can run
  std::optional<Access> access;           // closed now: postpone the pair's other chunks, too
};

// What follows from a failure, by class:
//   transient   counts; waits 1 s, 2 s, 4 s ... 10 min; dead at the twelfth
//   unreachable does not count; again after 5 to 10 s: the API, or the way to it, is out of order for all
//   throttled   does not count; again after 5 s
//   auth        does not count; ready, its connection is to be paused
//   permission  does not count; the access is closed, ready when it is asked again (access.h)
//   permanent   dead at once
//   unknown code  counts as transient; waits 5 s, 10 s ... 10 min; dead at the sixth
//   too_big     split by days; where that cannot be, again at once, narrowed by fewer ids; at last by the other road;
//               then, if it only took too long, again after 10 min, five times; or dead, with what to do
//   truncated   by a task at once, or dead, with what to do: the worker has narrowed the request as far as that goes
//   drift       counts; again after 2 s; at the fifth split by days; where that cannot be by a task, or dead
//   crash       counts; again at once, before others; from the second on in quarantine, after 15 s, 30 s; dead at the
//               fourth
//   store       does not count; again after 2 s
//   released    does not count, is not noted as a failure; again at once
// A task that is refused (permanent, permission) goes over to pages at once, where these are open.
// `random` is uniform in [0, 1). ABORTED as CheckOwner.
absl::StatusOr<FailureOutcome> DecideFailure(const Chunk& chunk, uint64_t epoch, const Failure& failure, absl::Time now,
                                             double random, const FailurePolicy& policy = {});

// It had a worker, lost it or was given back by it, and was not hinted since (Dispatchable::kLost).
bool IsLost(const Chunk& chunk);

// It has lost its worker twice: it may be what kills them, or may have been beside it. Chunks in quarantine go one at a
// time over all workers, so that the one which kills is alone among them when it does.
bool InQuarantine(const Chunk& chunk);

// New ready chunks for the windows a chunk was split into. They begin without failures.
std::vector<Chunk> ChildrenOf(const Chunk& parent, const std::vector<Window>& windows);

// The chunk cancelled; nothing when it is neither ready nor running.
std::optional<Chunk> DecideCancel(const Chunk& chunk);

// A dead chunk ready again with its failures forgotten. FAILED_PRECONDITION when it is not dead.
absl::StatusOr<Chunk> DecideRetry(const Chunk& chunk);

// What a run is, given its chunks: running while one is ready or running, then cancelled when one was cancelled,
// partial when one is dead, else done.
RunState RunStateAfter(const ChunkCounts& counts);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_LIFECYCLE_H_
