// What a publication says about days that were read before: which they are, and what it has changed of them.
#ifndef TIKHAUL_COORDINATOR_INGEST_RESTATED_DAYS_H_
#define TIKHAUL_COORDINATOR_INGEST_RESTATED_DAYS_H_

#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Of a chunk's window.
struct EarlierReads {
  std::vector<Coverage> days;                   // that were read before
  std::map<absl::CivilDay, Finality> finality;  // of each of them at its newest read
};

// Empty for extracts whose changes are not counted: only merged reports in windows of days are.
absl::StatusOr<EarlierReads> FindEarlierReads(StoreReader& reader, const RegisteredExtract& extract,
                                              absl::TimeZone zone, const Chunk& chunk);

// Records the changes of a settled chunk, sets the finality of days that turned out to move still, and forgets what is
// older than the extract keeps. `read_at`: since when the chunk was read. `settled` is the instant that the ledger
// gets, too.
absl::Status RecordRestatements(StoreTransaction& tx, const RegisteredExtract& extract, absl::TimeZone zone,
                                const Chunk& chunk, const EarlierReads& earlier, const std::vector<DayChange>& changes,
                                absl::Time read_at, absl::Time settled);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_INGEST_RESTATED_DAYS_H_
