// The rows of one chunk under one epoch, as they came from the worker: one spool per column group.
#ifndef TIKHAUL_COORDINATOR_INGEST_CHUNK_ROWS_H_
#define TIKHAUL_COORDINATOR_INGEST_CHUNK_ROWS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/model/row_batch.h"
#include "coordinator/spool/spool.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// The columns of a group's batches, in order; the last two are _extra and _raw.
struct GroupColumns {
  std::vector<std::string> names;
  std::vector<ColumnType> types;
  std::vector<bool> key;
};

// One thread at a time. Borrows the pool.
class ChunkRows {
 public:
  ChunkRows(const v1::ReadPlan& plan, SpoolPool& pool);

  size_t groups() const { return groups_.size(); }
  const GroupColumns& columns(size_t group) const { return groups_[group].columns; }
  // As ChunkSpool::Append.
  absl::Status Append(size_t group, RowBatch batch) { return groups_[group].spool->Append(std::move(batch)); }
  // Of one group.
  uint64_t rows(size_t group) const { return groups_[group].spool->rows(); }

  // A pass over whole rows, group joined to group by the key columns; any number may be made, one after another.
  // RESOURCE_EXHAUSTED, UNAVAILABLE: the spool cannot take what a large join needs. Its Next gives FAILED_PRECONDITION
  // when groups do not hold the same keys.
  absl::StatusOr<std::unique_ptr<RowSource>> Read() const;

 private:
  struct Group {
    GroupColumns columns;
    std::unique_ptr<ChunkSpool> spool;
  };
  SpoolPool& pool_;
  std::vector<Group> groups_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_CHUNK_ROWS_H_
