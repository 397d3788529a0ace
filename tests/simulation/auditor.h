// Looks at every commit and holds it against what the world knows: who was granted what, what each read brought, which
// faults befell each chunk. The invariants I1 to I12 of the reference's test plan are checked here:
//
//   I1  rows = truth: after each publication, and for all tables at the end (FinalCheck, CheckTruth)
//   I2  the windows of a run's chunks tile it (CheckTiles)
//   I3  epochs never decrease, and grow with each change of ownership (CheckChunk)
//   I4  rows, coverage and cursor change only with a publication of the chunk's present owner (Committed)
//   I5  only members commit, and only the holder of a shard grants its chunks (Committed, CheckGrant)
//   I6  cursor <= rows, and no provisional day before it (CheckCursor)
//   I7  the API's quota: tests/integration/quota and benchmarks/quota, whose subject are real instants
//   I8  every chunk ends; dead only with a planned reason (CheckChunk, FinalCheck)
//   I9  only failures that count are counted (CheckAttempts)
//   I10 bytes in flight: tests/unit/spool and tests/fault/memory_test.cc
//   I11 nothing that may run waits while workers are free (CheckNothingStuck)
//   I12 the log of all changes gives the table of chunks (CheckReplay)
#ifndef TIKHAUL_TESTS_SIMULATION_AUDITOR_H_
#define TIKHAUL_TESTS_SIMULATION_AUDITOR_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/finality.h"
#include "tests/simulation/memory_state.h"
#include "tests/simulation/sim_api.h"
#include "tests/simulation/world.h"

namespace tikhaul {

class Auditor {
 public:
  // `extract`: the only one.
  Auditor(World& world, std::string extract, FinalityRule rule, absl::Time began)
      : world_(world), extract_(std::move(extract)), rule_(rule), began_(began) {}

  // A worker has read a chunk and says so: these rows must be there if it is published under this epoch.
  void Finished(ChunkId chunk, uint64_t epoch, absl::Time read_from, std::vector<ApiRow> rows);
  // A fault befell the chunk, for which its counter of this class may grow.
  void Blame(ChunkId chunk, FailureClass failure_class) { ++blames_[{chunk, failure_class}]; }
  // A window of which a read may end as a dead letter.
  void PlanDeath(const std::string& advertiser, absl::CivilDay day) { poison_.insert({advertiser, day}); }
  bool MayDie(const Chunk& chunk) const;

  // `as`: the member that the process takes itself for.
  void Committed(const MemoryState& before, const MemoryState& after, const Process& by, const Member& as);
  // Chunks that may run and do not. `since`: from when on nothing stood in their way.
  void CheckNothingStuck(const MemoryState& state, absl::Time now, absl::Duration patience);
  // At the end of everything: all has ended, all rows are those of the reads that were published.
  void FinalCheck(const MemoryState& state);
  // After a read of everything without faults.
  void CheckTruth(const MemoryState& state, const SimApi& api, absl::CivilDay first, absl::CivilDay last,
                  absl::Time at);

 private:
  using Figures = std::pair<int64_t, double>;                        // clicks, spend
  using RowKey = std::tuple<std::string, std::string, std::string>;  // advertiser, day, ad
  using RowMap = std::map<RowKey, Figures>;

  struct Attempt {
    absl::Time read_from;
    std::vector<ApiRow> rows;
  };
  struct Change {
    ChunkId chunk;
    bool is_new;
    ChunkState from, to;
    uint64_t from_epoch, to_epoch;
  };

  void CheckChunk(const Chunk* before, const Chunk& after, const MemoryState& state);
  void CheckGrant(const Chunk& chunk, const MemoryState& before, const Member& by);
  void CheckAttempts(const Chunk* before, const Chunk& after);
  void CheckPublication(const Chunk& before, const Chunk& after, const MemoryState& old_state,
                        const MemoryState& state);
  void NoteMoves(const MemoryState& before, const MemoryState& after);
  void CheckCursor(const MemoryState& before, const MemoryState& after);
  void CheckTiles(const MemoryState& state);
  void CheckReplay(const MemoryState& state);
  RowMap RowsOf(const MemoryState& state) const;
  // Of the advertiser, from the day `first` to before `end`.
  RowMap RowsWithin(const MemoryState& state, const std::string& advertiser, const std::string& first,
                    const std::string& end) const;
  RowMap ExpectedWithin(const std::string& advertiser, const std::string& first, const std::string& end) const {
    return {expected_.lower_bound({advertiser, first, ""}), expected_.lower_bound({advertiser, end, ""})};
  }
  static void Add(const std::string& advertiser, const std::vector<ApiRow>& rows, RowMap& map);
  std::string Describe(const Chunk& chunk) const;
  template <typename... Parts>
  void Expect(bool holds, const Parts&... parts) {
    if (!holds) world_.Violate(absl::StrCat(parts...));
  }

  World& world_;
  const std::string extract_;
  const FinalityRule rule_;
  const absl::Time began_;  // of the world
  std::map<std::pair<ChunkId, uint64_t>, Attempt> attempts_;
  std::map<std::pair<ChunkId, FailureClass>, int> blames_;
  std::set<std::pair<std::string, absl::CivilDay>> poison_;
  std::vector<Change> log_;
  RowMap expected_;
  std::map<std::pair<std::string, absl::CivilDay>, absl::Time> read_from_;  // of the newest publication of each day
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_AUDITOR_H_
