// The configured extracts with all that follows from them, and their tables in the store.
#ifndef TIKHAUL_COORDINATOR_EXTRACT_REGISTRY_H_
#define TIKHAUL_COORDINATOR_EXTRACT_REGISTRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/catalog/extract_shape.h"
#include "common/model/table.h"
#include "common/model/window.h"
#include "coordinator/core/road.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

struct RegisteredExtract {
  v1::Extract spec;
  int version = 1;
  TableSchema table;
  Granularity granularity = Granularity::kDay;
  WindowKind window_kind = WindowKind::kWhole;
  int longest_window_days = 0;
  std::string day_column;
  absl::Duration lag;     // after the day's end
  bool audience = false;  // an audience report
  std::string endpoint;   // path of the API that it reads
  uint64_t reach = 0;     // objects that a list shows at most, the newest; 0: all
  RoadsOpen roads = RoadsOpen::kPages;
};

// The extract as a chunk reads it: with these of its metrics alone (as in Chunk), or as it is.
v1::Extract SpecFor(const RegisteredExtract& extract, const std::string& only_metrics);

// Immutable once made, so thread-safe.
class ExtractRegistry {
 public:
  // Makes or extends the row tables and records the extracts. FAILED_PRECONDITION, with the mend, when a table's shape
  // would have to change.
  static absl::StatusOr<ExtractRegistry> Register(const v1::Config& config, Store& store);

  const std::vector<RegisteredExtract>& all() const { return extracts_; }
  // nullptr for unknown names.
  const RegisteredExtract* Find(absl::string_view name) const;
  // The named extracts, or all when `names` is empty. NOT_FOUND with the nearest right name.
  absl::StatusOr<std::vector<const RegisteredExtract*>> Select(const std::vector<std::string>& names) const;

 private:
  std::vector<RegisteredExtract> extracts_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_EXTRACT_REGISTRY_H_
