#include "coordinator/http/coordinator_pages.h"

#include "common/metrics/metric_pages.h"

namespace tikhaul {

std::map<std::string, HttpHandler> CoordinatorPages(const CoordinatorPageParts& parts) {
  return MetricPages(parts.metrics, parts.life, parts.ready);
}

}  // namespace tikhaul
