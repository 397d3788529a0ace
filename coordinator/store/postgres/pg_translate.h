// From the SQL of coordinator/store/sql to PostgreSQL's.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_TRANSLATE_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_TRANSLATE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

// Parameters ? and ?N become $1, $2 ...; the hints for SQLite's planner (INDEXED BY name, a plus right before a column)
// go. Quoted texts and names stay as they are.
std::string TranslateForPostgres(absl::string_view sql);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_TRANSLATE_H_
