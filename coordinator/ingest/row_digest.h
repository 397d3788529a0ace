// A figure for a set of rows that does not depend on their order: two reads that saw the same rows have the same
// digest.
#ifndef TIKHAUL_COORDINATOR_INGEST_ROW_DIGEST_H_
#define TIKHAUL_COORDINATOR_INGEST_ROW_DIGEST_H_

#include <cstdint>
#include <vector>

#include "common/model/row_batch.h"

namespace tikhaul {

// Sum of a 64-bit hash of each row. Decimals count by value ("20.0" is "20.00", exact to 15 significant digits).
// Not thread-safe.
class RowDigest {
 public:
  void Add(const RowBatch& batch);
  uint64_t value() const { return sum_; }

 private:
  uint64_t sum_ = 0;
  std::vector<uint64_t> row_hashes_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_ROW_DIGEST_H_
