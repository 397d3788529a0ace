// The live row streams: which worker holds which chunk right now. A stream is the lease (design: the stream is the
// lease).
#ifndef TIKHAUL_COORDINATOR_INGEST_CLAIM_TABLE_H_
#define TIKHAUL_COORDINATOR_INGEST_CLAIM_TABLE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/model/chunk.h"
#include "coordinator/core/rates.h"

namespace tikhaul {

struct LiveClaim {
  ChunkId chunk = 0;
  uint64_t epoch = 0;  // as granted; 0: not granted yet
  std::string run_id;
  std::string extract;
  std::string connection;
  std::string advertiser;
  std::string worker;
  std::string incarnation;
  uint64_t pages = 0, calls = 0, rows = 0;  // of this attempt so far
  absl::Duration call_time = {};

  bool granted() const { return epoch > 0; }
};

struct SeenWorker {
  std::string name;
  std::string incarnation;
  absl::Time last_seen;
  uint32_t chunks = 0;
};

struct CallPace {
  double per_second = 0;
  double under_way = 0;  // at once, on average
};

// Why a stream was ended from this side.
struct StreamEnd {
  bool blame = false;  // the worker was silent or stood still: counts as a crash
  std::string reason;
};

// Thread-safe. Owns no stream: `end` of a claim breaks its stream without blocking, and must be harmless to call until
// Remove() of the claim has returned.
class ClaimTable {
 public:
  // Silent for longer than `silence`, or no page, call or row and no wait for quota or the API's task for longer than
  // `standstill`: ended.
  struct Limits {
    absl::Duration silence = absl::Seconds(15);
    absl::Duration standstill = absl::Minutes(5);
  };

  ClaimTable(const Clock& clock, Limits limits) : clock_(clock), limits_(limits) {}

  // Before the store is asked, so that two streams cannot both be granted the chunk: `claim` needs to name only chunk,
  // worker and incarnation yet. False when a live stream holds the chunk already.
  bool Add(const LiveClaim& claim, std::function<void()> end);
  // `end` is not called after this returns. Gives why the stream was ended from here, if it was.
  std::optional<StreamEnd> Remove(ChunkId chunk);
  bool Holds(ChunkId chunk) const;
  // Fills in what the grant said about the chunk.
  void Describe(const Chunk& chunk);

  // News from the stream.
  // `call_time`: what the calls took together.
  void Heard(ChunkId chunk, uint64_t pages, uint64_t calls, bool waiting_for_quota, absl::Duration call_time = {});
  void RowsArrived(ChunkId chunk, uint64_t rows);
  // While its rows are being published a stream is not expected to speak.
  void SetPublishing(ChunkId chunk, bool publishing);

  // Ends the streams of the claims that `which` picks, without blame.
  void Revoke(const std::function<bool(const LiveClaim&)>& which, const std::string& reason);
  // Ends what is silent or stands still. Call every second or so.
  void Watch();

  std::vector<LiveClaim> List() const;
  void SawWorker(const std::string& name, const std::string& incarnation);
  // Of all streams, over the last minute.
  CallPace Pace() const;
  // Those seen within the last minute or holding a chunk.
  std::vector<SeenWorker> Workers() const;

 private:
  struct Entry {
    LiveClaim claim;
    std::function<void()> end;
    absl::Duration heard_at, moved_at;
    bool publishing = false;
    std::optional<StreamEnd> ended;
  };

  static void End(Entry& entry, StreamEnd why);

  const Clock& clock_;
  const Limits limits_;
  mutable Mutex mu_;
  mutable RateMeter calls_ ABSL_GUARDED_BY(mu_) = RateMeter(absl::Minutes(1));
  mutable RateMeter call_micros_ ABSL_GUARDED_BY(mu_) = RateMeter(absl::Minutes(1));
  std::map<ChunkId, Entry> claims_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, SeenWorker> workers_ ABSL_GUARDED_BY(mu_);  // by incarnation
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_CLAIM_TABLE_H_
