#include "coordinator/runs/only_metrics.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/catalog/catalog.h"

namespace tikhaul {
namespace {

absl::Status Refuse(const RegisteredExtract& extract, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("extract \"", extract.spec.name(), "\": ", why));
}

absl::Status CheckTable(const RegisteredExtract& extract) {
  switch (extract.granularity) {
    case Granularity::kEntity:
    case Granularity::kTree:
      return Refuse(extract, "only reports have metrics; all fields of objects are read each time");
    case Granularity::kLifetime:
      return Refuse(extract, absl::StrCat("a lifetime report is read whole each time: `tikhaul sync ",
                                          extract.spec.name(), "` fills new columns"));
    case Granularity::kHour:
    case Granularity::kDay:
    case Granularity::kNone:
      break;
  }
  if (extract.table.mode != WriteMode::kAppend) return absl::OkStatus();
  return Refuse(extract,
                absl::StrCat("mode append keeps what each run read as it was, so columns of past runs are not ",
                             "filled; `tikhaul backfill ", extract.spec.name(),
                             " --again --from DAY --to DAY` appends the days once more, whole"));
}

}  // namespace

absl::StatusOr<std::string> OnlyMetrics(const RegisteredExtract& extract, const Selection& selection) {
  if (selection.only_metrics.empty()) return std::string();
  if (selection.extracts.empty()) return absl::InvalidArgumentError("--only-metrics needs the names of extracts");
  if (const absl::Status status = CheckTable(extract); !status.ok()) return status;
  const std::vector<std::string> known(extract.spec.metrics().begin(), extract.spec.metrics().end());
  for (const std::string& metric : selection.only_metrics) {
    if (std::find(known.begin(), known.end(), metric) != known.end()) continue;
    const std::string nearest = NearestWord(metric, known);
    return Refuse(extract, absl::StrCat("\"", metric, "\" is not among its metrics",
                                        nearest.empty() ? "." : absl::StrCat("; did you mean \"", nearest, "\"?"),
                                        " Add it to tikhaul.yaml first, and start the coordinator anew"));
  }
  std::vector<std::string> metrics;
  std::copy_if(known.begin(), known.end(), std::back_inserter(metrics), [&](const std::string& metric) {
    return std::find(selection.only_metrics.begin(), selection.only_metrics.end(), metric) !=
           selection.only_metrics.end();
  });
  return absl::StrJoin(metrics, ",");
}

}  // namespace tikhaul
