// What a connector must have in its store: the data model written to SQLite, without the way through HTTP and its
// pages.
#ifndef TIKHAUL_SIMULATOR_TRUTH_H_
#define TIKHAUL_SIMULATOR_TRUTH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "simulator/data_set.h"

namespace tikhaul::simulator {

// Writes one table per extract of `spec_json` (README.md, "Truth") as the API looks at `now`. `file` is made anew.
// INVALID_ARGUMENT names what is wrong with the specification.
absl::Status ExportTruth(const DataSet& data_set, absl::Time now, absl::string_view spec_json, const std::string& file);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_TRUTH_H_
