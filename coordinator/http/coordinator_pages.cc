#include "coordinator/http/coordinator_pages.h"

#include <utility>

#include "common/metrics/metric_pages.h"

namespace tikhaul {

std::map<std::string, HttpHandler> CoordinatorPages(const CoordinatorPageParts& parts) {
  std::map<std::string, HttpHandler> pages = MetricPages(parts.metrics, parts.life, parts.ready);
  if (parts.anyone_known != nullptr) {
    HttpHandler& metrics = pages.at("/metrics");
    metrics = parts.guard.Behind(parts.anyone_known, std::move(metrics));
  }
  pages.merge(parts.page.Handlers(parts.guard, parts.viewer));
  return pages;
}

}  // namespace tikhaul
