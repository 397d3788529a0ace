// All that a coordinator serves over HTTP: the one place in which paths get their handlers.
#ifndef TIKHAUL_COORDINATOR_HTTP_COORDINATOR_PAGES_H_
#define TIKHAUL_COORDINATOR_HTTP_COORDINATOR_PAGES_H_

#include <functional>
#include <map>
#include <string>

#include "common/base/life_signs.h"
#include "common/http/http_guard.h"
#include "common/http/http_server.h"
#include "common/metrics/metric_set.h"
#include "coordinator/page/status_page.h"

namespace tikhaul {

// What the pages show. Borrowed.
struct CoordinatorPageParts {
  MetricSet& metrics;
  const LifeSigns& life;
  std::function<bool()> ready;  // calls are answered
  StatusPage& page;
  HttpGuard& guard;
  // Who may see the page, and who the metrics; unset: everybody.
  TokenCheck viewer = nullptr;
  TokenCheck anyone_known = nullptr;
};

// The probes are for everybody.
std::map<std::string, HttpHandler> CoordinatorPages(const CoordinatorPageParts& parts);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_HTTP_COORDINATOR_PAGES_H_
