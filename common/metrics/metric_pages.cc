#include "common/metrics/metric_pages.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tikhaul {
namespace {

constexpr int kUnavailable = 503;

HttpAnswer Health(const LifeSigns& life) {
  const std::vector<std::string> late = life.Late();
  if (late.empty()) return {.body = "ok\n"};
  return {.status = kUnavailable, .body = absl::StrCat("does not go on: ", absl::StrJoin(late, ", "), "\n")};
}

}  // namespace

std::map<std::string, HttpHandler> MetricPages(MetricSet& metrics, const LifeSigns& life, std::function<bool()> ready) {
  return {
      {"/metrics",
       [&metrics](const HttpRequest&) {
         return HttpAnswer{.type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.Text()};
       }},
      {"/healthz", [&life](const HttpRequest&) { return Health(life); }},
      {"/readyz",
       [ready = std::move(ready)](const HttpRequest&) {
         return ready() ? HttpAnswer{.body = "ready\n"} : HttpAnswer{.status = kUnavailable, .body = "not ready\n"};
       }},
  };
}

}  // namespace tikhaul
