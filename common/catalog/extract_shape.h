// What follows from an extract's configuration: is it legal, what does its table look like, what is asked of the API.
// Pure functions over the catalogue.
#ifndef TIKHAUL_COMMON_CATALOG_EXTRACT_SHAPE_H_
#define TIKHAUL_COMMON_CATALOG_EXTRACT_SHAPE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/catalog/catalog.h"
#include "common/model/chunk.h"
#include "common/model/table.h"
#include "common/model/window.h"
#include "tikhaul/v1/config.pb.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

// One thing wrong with an extract. `member` names the YAML key ("metrics"), `index` the element of a list (-1: the
// whole), so that the caller can point to file and line.
struct ExtractProblem {
  std::string member;  // as in tikhaul.yaml: stream, level, dimensions, metrics, filters, mode, lifetime,
                       // asynchronous, history, include_deleted, options (index: by name in order), backfill
  int index = -1;
  std::string
      message;  // names the rule and its section of the fact sheet, and the nearest right word where there is one
};

// Empty when the extract is legal. Never calls anything outside.
std::vector<ExtractProblem> CheckExtract(const v1::Extract& extract);

// The remaining functions expect an extract without problems.

enum class Granularity { kHour, kDay, kNone, kLifetime, kEntity, kTree };
Granularity GranularityOf(const v1::Extract& extract);

// Days of a window of creation time: at most six months are advised (section 6.1). Longer ones are tried first.
inline constexpr int kLongestCreatedWindow = 180;

// Longest window of one request, in days: 30 by day, 1 by hour, 365 without a time dimension (section 4.4); entities by
// creation time 180 (section 6.1 advises six months); 0: not windowed at all.
int LongestWindowDays(const v1::Extract& extract);

// The slowest of what is asked for (section 4.8).
Lag LagOf(const v1::Extract& extract);

// The row table, all columns, ours included (see common/model/table.h).
TableSchema SchemaOf(const v1::Extract& extract);
// The column that says which day a row belongs to, for windows: "stat_time_day", "stat_time_hour", "_window_start" for
// Granularity::kNone, "create_time" for entities; empty for the others.
std::string DayColumnOf(const v1::Extract& extract);

// What a worker must do for one chunk. All deleted objects are read unless the extract excludes them; buying types are
// swept by separate requests where the endpoint needs it (sections 4.5, 6.1). The columns are those that come out of
// answers, in table order, without ours; advertiser_id is among them only where answers repeat it (entities, and
// reports of level advertiser), elsewhere it is stamped from the request (section 4.3). A window of kDays is cut in the
// account's zone, one of kCreated in UTC; for kWhole no dates are sent.
v1::ReadPlan CompileReadPlan(const v1::Extract& extract, const std::string& connection, const std::string& advertiser,
                             const Window& window);

// Why the rows of the extract cannot come by asynchronous reports (section 5), naming the rule; empty: they can. What
// the API says to a request is another matter: not all metrics are answered beside all dimensions there.
std::string WhyNoTask(const v1::Extract& extract);
// From now on the rows of the plan come by an asynchronous report, all columns at once. Expects an extract of which
// WhyNoTask says nothing.
void UseTask(v1::ReadPlan& plan);

// What must stay the same for one table: level, dimensions, mode; compared when a configuration changes.
std::string ShapeKey(const v1::Extract& extract);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_EXTRACT_SHAPE_H_
