// A report request after its checks: what report/integrated/get/ was asked for (tiktok-api.md 4.1 to 4.6).
#ifndef TIKHAUL_SIMULATOR_REPORT_QUERY_H_
#define TIKHAUL_SIMULATOR_REPORT_QUERY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/dimensions.h"
#include "simulator/metrics.h"

namespace tikhaul::simulator {

enum class StatusFilter : uint8_t { kNotDeleted, kDeleted, kAll };

// Which objects a report looks at. Empty sets: all.
struct ObjectFilter {
  absl::flat_hash_set<uint64_t> campaigns, groups, ads;
  std::optional<StatusFilter> campaign_status, group_status, ad_status;
  std::vector<Buying> buying;  // empty: all
  bool nothing = false;        // a filter that no object of the data set passes
};

struct ReportQuery {
  bool audience = false;
  Level level = kAd;
  std::vector<const Dimension*> dimensions;  // in the order of the request
  const Dimension* id = nullptr;
  bool by_day = false;
  bool by_hour = false;
  std::vector<const Dimension*> breakdowns;
  std::vector<const Metric*> metrics;
  bool lifetime = false;
  int64_t first_day = 0, last_day = 0;  // days since 1970 of the account; nothing to do with `lifetime`
  ObjectFilter filter;
  bool empty = false;  // a service type that does not fit the account: code 0 and an empty list

  bool several_accounts = false;  // advertiser_ids was used
  int64_t page = 1, page_size = 10;
  const Metric* order_by = nullptr;
  bool ascending = false;
  bool totals = false;

  bool BareId() const { return id != nullptr && dimensions.size() == 1; }
  // Hours after the end of a day before its rows appear.
  int LagHours() const;
};

// The query, or why the API refuses it. `accounts` gets the ids asked for, whose grants are still to be checked.
struct ParsedReport {
  ReportQuery query;
  std::vector<std::string> accounts;
  std::optional<Refusal> refusal;
};
// kTask: an asynchronous report has no pages, no longest span, no filters but ids, and fewer metrics (section 5).
enum class ReportRoad { kSync, kTask };
ParsedReport ParseReport(const Call& call, ReportRoad road = ReportRoad::kSync);

// The dimensions and metrics alone, for the truth export: the same rules of legality. `level` as a data_level.
struct ShapeRequest {
  std::string report_type, data_level;
  std::vector<std::string> dimensions, metrics;
  bool lifetime = false;
};
std::optional<Refusal> FillShape(const ShapeRequest& request, ReportQuery& query);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_REPORT_QUERY_H_
