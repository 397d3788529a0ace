// What the worlds of a test program have met, so that a simulation that meets nothing fails.
#ifndef TIKHAUL_TESTS_SIMULATION_MET_H_
#define TIKHAUL_TESTS_SIMULATION_MET_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace tikhaul {

// Faults, and behind them the races of the reference's list that a simulation can bring about, by what was seen of
// them.
#define TIKHAUL_SIMULATION_EVENTS(EVENT)                                                \
  EVENT(kCoordinatorKilled, "a coordinator was killed")                                 \
  EVENT(kCoordinatorKilledInside, "a coordinator was killed between two effects")       \
  EVENT(kKilledBeforeCommit, "a coordinator was killed before its commit")              \
  EVENT(kKilledAfterCommit, "a coordinator was killed after its commit, unaware of it") \
  EVENT(kInterleaved, "others ran between two effects of a coordinator")                \
  EVENT(kCommitFailed, "a commit failed")                                               \
  EVENT(kCommitUnheard, "a commit took place and was reported as failed")               \
  EVENT(kStoreAway, "the store was away for a while")                                   \
  EVENT(kStoreFull, "the store was full for a while")                                   \
  EVENT(kPublishRetried, "a publication was tried again until the store took it")       \
  EVENT(kSpoolFull, "the spool was full")                                               \
  EVENT(kWorkerKilled, "a worker was killed")                                           \
  EVENT(kWorkerKilledBeforeClaim, "a worker died between pop and claim")                \
  EVENT(kWorkerFrozen, "a worker was frozen past the silence that ends its streams")    \
  EVENT(kZombieSent, "a message of a stream that had ended arrived")                    \
  EVENT(kLinkBroken, "a stream broke")                                                  \
  EVENT(kHalfOpen, "one end of a broken stream did not notice for long")                \
  EVENT(kMessageLost, "a message was lost within a stream")                             \
  EVENT(kMessageDoubled, "a message came twice")                                        \
  EVENT(kMessagesSwapped, "messages changed places")                                    \
  EVENT(kGrantLost, "a claim was committed and its answer lost")                        \
  EVENT(kCommittedLost, "a publication was committed and its answer lost")              \
  EVENT(kStalePublish, "a publication under an old epoch was refused")                  \
  EVENT(kCancelledWhileRunning, "a chunk was cancelled while it ran")                   \
  EVENT(kClaimRefused, "a claim was refused")                                           \
  EVENT(kClaimOfOwned, "a hint that came twice met a chunk that runs")                  \
  EVENT(kClaimOfEnded, "a hint met a chunk that has ended")                             \
  EVENT(kClaimPaused, "a hint met a pause")                                             \
  EVENT(kOrphanReturned, "a running chunk without a stream was given back")             \
  EVENT(kHintLost, "a hint was lost")                                                   \
  EVENT(kHintDoubled, "a hint was doubled")                                             \
  EVENT(kHintsFlushed, "Redis was flushed")                                             \
  EVENT(kHintsRestored, "Redis came back with an old state")                            \
  EVENT(kHintReclaimed, "a hint of a dead worker was taken over")                       \
  EVENT(kRedisAway, "Redis was away for a while")                                       \
  EVENT(kCoordinatorFrozen, "a coordinator was frozen past its membership")             \
  EVENT(kEvicted, "a coordinator was evicted while it lived")                           \
  EVENT(kEvictedWrite, "a coordinator that was evicted wanted to write")                \
  EVENT(kShardMoved, "a shard changed hands while a chunk of it ran")                   \
  EVENT(kLeadMoved, "the lead changed hands")                                           \
  EVENT(kClaimElsewhere, "a claim was sent to another coordinator")                     \
  EVENT(kClockJumped, "the wall clock of a coordinator jumped")                         \
  EVENT(kThrottled, "the API throttled")                                                \
  EVENT(kTransient, "the API failed once")                                              \
  EVENT(kUnreachable, "the API was out of reach")                                       \
  EVENT(kTooBig, "a request was too big")                                               \
  EVENT(kUnknownCode, "the API gave an unknown code")                                   \
  EVENT(kDrifted, "rows changed while they were read")                                  \
  EVENT(kDriftCaught, "the coordinator saw that pages had moved")                       \
  EVENT(kTokenRefused, "a token was refused and its connection paused")                 \
  EVENT(kAccessClosed, "an access was closed")                                          \
  EVENT(kPoisonDied, "a poison chunk died")                                             \
  EVENT(kDiedAndRetried, "a chunk died of many faults and was retried")                 \
  EVENT(kSplit, "a chunk was split")                                                    \
  EVENT(kPublished, "a chunk was published")                                            \
  EVENT(kRestated, "a publication changed rows that were there")                        \
  EVENT(kPausedByOperator, "an operator paused")                                        \
  EVENT(kBackfilledAgain, "a backfill was asked for again")                             \
  EVENT(kSynced, "an increment was started")                                            \
  EVENT(kGranted, "a chunk was granted")

enum class Met : size_t {
#define TIKHAUL_EVENT_NAME(name, text) name,
  TIKHAUL_SIMULATION_EVENTS(TIKHAUL_EVENT_NAME)
#undef TIKHAUL_EVENT_NAME
      kCount
};

inline constexpr size_t kMetCount = static_cast<size_t>(Met::kCount);
using MetCounts = std::array<uint64_t, kMetCount>;

inline absl::string_view MetText(size_t event) {
  static constexpr std::array<absl::string_view, kMetCount> kTexts = {
#define TIKHAUL_EVENT_TEXT(name, text) text,
      TIKHAUL_SIMULATION_EVENTS(TIKHAUL_EVENT_TEXT)
#undef TIKHAUL_EVENT_TEXT
  };
  return kTexts[event];
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_MET_H_
