// Where the rows of a chunk wait until the chunk is whole and can be published: in memory while there is room, then on
// disk.
//
// Nothing here outlives the process: spool files have no name (O_TMPFILE, or unlinked as soon as they are open), so
// that a killed coordinator leaves none behind. What was in them is read again from the API under a new epoch.
#ifndef TIKHAUL_COORDINATOR_SPOOL_SPOOL_H_
#define TIKHAUL_COORDINATOR_SPOOL_SPOOL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/model/row_batch.h"
#include "coordinator/spool/spool_file.h"

namespace tikhaul {

struct SpoolOptions {
  std::string directory;      // made when missing (its parent must be there)
  uint64_t memory_bytes = 0;  // for all chunks together, by RowBatch::ByteSize
  uint64_t disk_bytes = 0;    // for all chunks together
};

class ChunkSpool;

// The budget that all spools share. Thread-safe. Must outlive its spools.
class SpoolPool {
 public:
  // Makes the directory and tries it. FAILED_PRECONDITION, RESOURCE_EXHAUSTED, PERMISSION_DENIED or UNAVAILABLE with
  // what to do when it cannot be written.
  static absl::StatusOr<std::unique_ptr<SpoolPool>> Open(SpoolOptions options);
  SpoolPool(const SpoolPool&) = delete;
  SpoolPool& operator=(const SpoolPool&) = delete;

  std::unique_ptr<ChunkSpool> NewSpool();

  uint64_t memory_used() const ABSL_LOCKS_EXCLUDED(mu_);
  uint64_t disk_used() const ABSL_LOCKS_EXCLUDED(mu_);
  const SpoolOptions& options() const { return options_; }

 private:
  friend class ChunkSpool;
  explicit SpoolPool(SpoolOptions options) : options_(std::move(options)) {}

  // Takes `bytes` of the budget, all or nothing.
  bool TakeMemory(uint64_t bytes) ABSL_LOCKS_EXCLUDED(mu_);
  bool TakeDisk(uint64_t bytes) ABSL_LOCKS_EXCLUDED(mu_);
  void Return(uint64_t memory, uint64_t disk) ABSL_LOCKS_EXCLUDED(mu_);

  const SpoolOptions options_;
  mutable Mutex mu_;
  uint64_t memory_used_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t disk_used_ ABSL_GUARDED_BY(mu_) = 0;
};

// The rows of one chunk under one epoch, in the order in which they came. One thread at a time. Frees everything when
// it goes.
class ChunkSpool {
 public:
  ~ChunkSpool();
  ChunkSpool(const ChunkSpool&) = delete;
  ChunkSpool& operator=(const ChunkSpool&) = delete;

  // RESOURCE_EXHAUSTED when neither memory nor disk has room (FailureClass::kStore: no blame on the chunk), with what
  // to do; UNAVAILABLE when the disk fails. After an error the batches before are all still there.
  absl::Status Append(RowBatch batch);

  uint64_t rows() const { return rows_; }
  size_t batches() const { return entries_.size(); }
  uint64_t memory_bytes() const { return memory_bytes_; }
  uint64_t disk_bytes() const { return disk_bytes_; }

  // Reads from the first batch. Any number may be made, one after another (a publication may be repeated); none may be
  // used after an Append. Holds one batch from disk at a time, outside the pool's budget.
  class Reader {
   public:
    explicit Reader(const ChunkSpool& spool) : spool_(spool) {}
    // The next batch; nullptr after the last. Valid until the next call. DATA_LOSS or UNAVAILABLE when the disk fails.
    absl::StatusOr<const RowBatch*> Next();

   private:
    const ChunkSpool& spool_;
    size_t next_ = 0;
    RowBatch from_disk_;
  };
  Reader Read() const { return Reader(*this); }

 private:
  friend class SpoolPool;
  // A batch in memory, or where it lies in the file.
  struct Entry {
    std::optional<RowBatch> batch;
    SpoolFile::Frame frame;
  };
  explicit ChunkSpool(SpoolPool& pool) : pool_(pool) {}
  absl::Status AppendToDisk(const RowBatch& batch);

  SpoolPool& pool_;
  std::vector<Entry> entries_;
  std::optional<SpoolFile> file_;  // opened when first needed
  uint64_t rows_ = 0, memory_bytes_ = 0, disk_bytes_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SPOOL_SPOOL_H_
