// What every program tells of its own process.
#ifndef TIKHAUL_COMMON_METRICS_PROCESS_METRICS_H_
#define TIKHAUL_COMMON_METRICS_PROCESS_METRICS_H_

#include <string>

#include "common/metrics/metric_set.h"

namespace tikhaul {

// Adds build, memory, CPU time, start and open files; read from /proc whenever the set is.
// `revision`: of the sources of the program.
void AddProcessMetrics(MetricSet& metrics, const std::string& revision);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_METRICS_PROCESS_METRICS_H_
