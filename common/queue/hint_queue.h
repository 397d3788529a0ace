// Hints: chunk ids that are worth a claim, on a Redis stream with one consumer group. A hint grants nothing and may be
// lost, doubled or old: the store is the truth (queue-notes.md 2.1).
//
// Keys "tikhaul:{<instance>}:hints" and "...:first" are the streams, "workers" their group; consumers look into the
// second one first. Each entry has a field "c" with the chunk id, and may have one "a" with the address of the
// coordinator that grants it. Entries are deleted only by those they were delivered to, never trimmed (queue-notes.md
// 6.2). When a stream or group is gone, whoever notices makes it again. All
// calls: UNAVAILABLE when Redis cannot be reached (try later; nothing is lost that matters), INTERNAL when Redis
// answers with an error we do not expect (the key is of another type, say).
#ifndef TIKHAUL_COMMON_QUEUE_HINT_QUEUE_H_
#define TIKHAUL_COMMON_QUEUE_HINT_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "common/redis/redis.h"

namespace tikhaul {

// kFirst goes before whatever waits: for chunks that had a worker already, and lost it.
enum class HintOrder { kUsual, kFirst };

struct Hint {
  std::string entry;  // the stream's id of the entry
  ChunkId chunk = 0;
  std::string coordinator = {};         // address; empty: any
  HintOrder order = HintOrder::kUsual;  // in which stream it is
};

// The streams' keys.
class HintStreams {
 public:
  explicit HintStreams(const std::string& instance);
  const std::string& of(HintOrder order) const { return order == HintOrder::kFirst ? first_ : usual_; }

 private:
  std::string usual_, first_;
};

// Where the chunks' coordinators are reached.
using HintAddresses = std::map<ChunkId, std::string>;

// The coordinator's end. Used by one thread at a time.
class HintSink {
 public:
  virtual ~HintSink() = default;
  // One hint per chunk. After a failure some of the hints may be there: pushing again is harmless.
  virtual absl::Status Push(HintOrder order, const std::vector<ChunkId>& chunks, const HintAddresses& addresses) = 0;
  // Usual hints that are in the queue, delivered or not: what bounds its depth.
  virtual absl::StatusOr<uint64_t> Depth() = 0;
  // Changes whenever the queue was lost since this sink first saw it (flush, restart without data, other server): hints
  // must then be pushed again.
  virtual absl::StatusOr<std::string> Generation() = 0;
  // Empties the queue; for a coordinator that just started and knows no hint.
  virtual absl::Status Clear() = 0;
};

// Pushes by pipelined XADDs. Makes stream and group when they are missing.
class HintPublisher final : public HintSink {
 public:
  // Keys begin with "tikhaul:{<instance>}:".
  HintPublisher(RedisOptions redis, const std::string& instance);

  absl::Status Push(HintOrder order, const std::vector<ChunkId>& chunks, const HintAddresses& addresses = {}) override;
  absl::StatusOr<uint64_t> Depth() override;
  absl::StatusOr<std::string> Generation() override;
  absl::Status Clear() override;

 private:
  RedisConnection redis_;
  const HintStreams streams_;
  const std::string generation_key_;
};

// A worker's end. Used by one thread at a time.
class HintConsumer {
 public:
  static constexpr absl::Duration kFirstPatience = absl::Seconds(2);

  // `consumer` names this start of this process and no other (queue-notes.md 2.5).
  HintConsumer(RedisOptions redis, const std::string& instance, std::string consumer);

  // Hints, those of order kFirst before others, waiting at most `wait` for one. Empty when none came. `count` are
  // wanted; when both streams get some in the same moment there may be up to twice as many. Makes the groups when they
  // are missing. A hint of order kFirst that is not spent for kFirstPatience comes again: Redis may hand it to a
  // process that has just died.
  absl::StatusOr<std::vector<Hint>> Pop(size_t count, absl::Duration wait);
  // At most one of order kFirst, as above, without waiting.
  absl::StatusOr<std::vector<Hint>> PopFirst();
  // Hints popped by workers that died before they were spent (idle for longer than `idle`). Each call looks through a
  // part of what is pending, the next one goes on from there. Also forgets consumers that hold nothing and have been
  // silent for sixty times `idle`.
  absl::StatusOr<std::vector<Hint>> Reclaim(size_t count, absl::Duration idle);
  // After any definite answer to the claim: XACK and XDEL together. A hint that is already gone is OK.
  absl::Status Spend(const Hint& hint);

 private:
  absl::Status MakeGroups();
  // Of order kFirst, new ones or those that nobody has spent; without waiting.
  absl::StatusOr<std::vector<Hint>> First(size_t count);
  void ForgetConsumers(HintOrder order, absl::Duration silent_for);
  // One XREADGROUP for new entries of these streams; blocks when `wait` is positive.
  absl::StatusOr<RedisReply> ReadGroup(const std::vector<HintOrder>& orders, size_t count, absl::Duration wait);
  // The same, the groups made when they are missing.
  absl::StatusOr<std::vector<Hint>> Read(const std::vector<HintOrder>& orders, size_t count, absl::Duration wait);
  absl::StatusOr<std::vector<Hint>> ReclaimFrom(HintOrder order, size_t count, absl::Duration idle);
  // The readable hints among `entries` (an array of [id, [field, value, ...]], nil where deleted); others are spent.
  std::vector<Hint> ReadEntries(HintOrder order, const RedisReply& entries);

  RedisConnection redis_;
  const HintStreams streams_;
  const std::string consumer_;
  std::map<HintOrder, std::string> reclaim_from_;
  absl::Duration next_first_reclaim_ = -absl::InfiniteDuration();
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUEUE_HINT_QUEUE_H_
