// All that a coordinator serves over HTTP: the one place in which paths get their handlers.
#ifndef TIKHAUL_COORDINATOR_HTTP_COORDINATOR_PAGES_H_
#define TIKHAUL_COORDINATOR_HTTP_COORDINATOR_PAGES_H_

#include <functional>
#include <map>
#include <string>

#include "common/base/life_signs.h"
#include "common/http/http_server.h"
#include "common/metrics/metric_set.h"

namespace tikhaul {

// What the pages show. Borrowed.
struct CoordinatorPageParts {
  MetricSet& metrics;
  const LifeSigns& life;
  std::function<bool()> ready;  // calls are answered
};

std::map<std::string, HttpHandler> CoordinatorPages(const CoordinatorPageParts& parts);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_HTTP_COORDINATOR_PAGES_H_
