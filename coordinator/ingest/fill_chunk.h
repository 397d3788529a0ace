// Chunks that read single metrics: their columns go into rows that are there (GLOSSARY.md, fill).
#ifndef TIKHAUL_COORDINATOR_INGEST_FILL_CHUNK_H_
#define TIKHAUL_COORDINATOR_INGEST_FILL_CHUNK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// The first metric of the chunk that the extract no longer has; empty: none.
std::string MissingMetric(const RegisteredExtract& extract, const Chunk& chunk);

// Fills the chunk's columns, as StoreTransaction::FillRows does, and adds chunks to its run that read again whole the
// days on which the API has other rows than the table. `settle`: what the chunk would settle if it were whole;
// `claimed`: when it was claimed.
absl::StatusOr<SettleCounts> FillChunk(StoreTransaction& tx, const RegisteredExtract& extract, const Chunk& chunk,
                                       const SettleRequest& settle, absl::Time claimed, RowSource& rows);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_FILL_CHUNK_H_
