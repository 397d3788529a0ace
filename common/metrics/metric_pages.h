// What every program serves over HTTP for those who watch over it.
#ifndef TIKHAUL_COMMON_METRICS_METRIC_PAGES_H_
#define TIKHAUL_COMMON_METRICS_METRIC_PAGES_H_

#include <functional>
#include <map>
#include <string>

#include "common/base/life_signs.h"
#include "common/http/http_server.h"
#include "common/metrics/metric_set.h"

namespace tikhaul {

// /metrics; /healthz: 200 while no loop is late; /readyz: 200 while `ready`. None of them asks the store, Redis or the
// API. Borrows metrics and life signs.
std::map<std::string, HttpHandler> MetricPages(MetricSet& metrics, const LifeSigns& life, std::function<bool()> ready);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_METRICS_METRIC_PAGES_H_
