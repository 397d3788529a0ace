// Hints: chunk ids that are worth a claim, on a Redis stream with one consumer group. A hint grants nothing and may be
// lost, doubled or old: the store is the truth (queue-notes.md 2.1).
#ifndef TIKHAUL_COMMON_QUEUE_HINT_QUEUE_H_
#define TIKHAUL_COMMON_QUEUE_HINT_QUEUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "common/redis/redis.h"

namespace tikhaul {

struct Hint {
  std::string entry;  // the stream's id of the entry
  ChunkId chunk = 0;
};

// The coordinator's end. Used by one thread at a time.
class HintPublisher {
 public:
  // Keys begin with "tikhaul:{<instance>}:".
  HintPublisher(RedisOptions redis, std::string instance);

  // XADDs one hint per chunk, pipelining not required. Makes stream and group when they are missing.
  absl::Status Push(const std::vector<ChunkId>& chunks);
  // Entries that are in the stream, delivered or not: what bounds the queue's depth.
  absl::StatusOr<uint64_t> Depth();
  // Changes whenever Redis has lost the stream since this publisher first saw it (flush, restart without data, other
  // server): hints must then be pushed again.
  absl::StatusOr<std::string> Generation();
  // Empties the stream; for a coordinator that just started and knows no hint.
  absl::Status Clear();

 private:
  RedisConnection redis_;
  std::string stream_;
};

// A worker's end. Used by one thread at a time.
class HintConsumer {
 public:
  HintConsumer(RedisOptions redis, std::string instance, std::string consumer);

  // Up to `count` hints, waiting at most `wait` for the first. Empty when none came. Makes the group when it is missing.
  absl::StatusOr<std::vector<Hint>> Pop(size_t count, absl::Duration wait);
  // Hints popped by workers that died before they were spent (idle for longer than `idle`).
  absl::StatusOr<std::vector<Hint>> Reclaim(size_t count, absl::Duration idle);
  // After any definite answer to the claim: XACK and XDEL together.
  absl::Status Spend(const Hint& hint);

 private:
  RedisConnection redis_;
  std::string stream_;
  std::string consumer_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUEUE_HINT_QUEUE_H_
