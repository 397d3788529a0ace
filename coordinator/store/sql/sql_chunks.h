// How chunks lie in tikhaul_chunk: shared by the files that read them.
#ifndef TIKHAUL_COORDINATOR_STORE_SQL_SQL_CHUNKS_H_
#define TIKHAUL_COORDINATOR_STORE_SQL_SQL_CHUNKS_H_

#include <optional>

#include "absl/time/civil_time.h"
#include "coordinator/store/sql/sql_session.h"
#include "coordinator/store/sql/where.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// The days of a window as columns: null for WindowKind::kWhole.
std::optional<absl::CivilDay> FirstDay(const Window& window);
std::optional<absl::CivilDay> LastDay(const Window& window);
// Reads the columns window_kind, first_day, last_day.
void ReadWindow(SqlRow& row, Window& window);

// Conditions on tikhaul_chunk AS c that hold for the chunks a filter lets through.
Where ChunkWhere(const ChunkFilter& filter);

// Those of the chunks that are there, in no order.
absl::StatusOr<std::vector<Chunk>> ReadChunks(SqlSession& db, absl::Span<const ChunkId> ids);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQL_SQL_CHUNKS_H_
