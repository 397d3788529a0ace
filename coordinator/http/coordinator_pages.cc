#include "coordinator/http/coordinator_pages.h"

#include "common/http/access/http_access.h"
#include "common/metrics/metric_pages.h"

namespace tikhaul {

std::map<std::string, HttpHandler> CoordinatorPages(const CoordinatorPageParts& parts) {
  std::map<std::string, HttpHandler> pages = MetricPages(parts.metrics, parts.life, parts.ready);
  GuardMetrics(parts.guard, parts.anyone_known, pages);
  pages.merge(parts.page.Handlers(parts.guard, parts.viewer));
  return pages;
}

}  // namespace tikhaul
