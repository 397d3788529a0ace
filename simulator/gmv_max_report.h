// GET gmv_max/report/get/ (tiktok-api.md 8): cost, orders and revenue of a shop by day. Shops are not in the sheet:
// each account has two.
#ifndef TIKHAUL_SIMULATOR_GMV_MAX_REPORT_H_
#define TIKHAUL_SIMULATOR_GMV_MAX_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/entity_fields.h"
#include "simulator/report_endpoint.h"

namespace tikhaul::simulator {

// Shop 0 or 1 of the account: "749" or "750" and the last 16 digits of its id.
std::string StoreId(const Account& account, int store);

// What happened to a campaign, or to all of a shop, on a day. Money in minor units.
struct GmvMaxRow {
  std::string id;   // of the campaign, or of the account
  int64_t day = 0;  // since 1970-01-01, the account's
  int64_t cost = 0, net_cost = 0, orders = 0, revenue = 0, live_views = 0;
};

struct GmvMaxQuery {
  int store = 0;
  bool by_campaign = false;
  int64_t first_day = 0, last_day = 0;
};

// Only days with something; the newest last.
std::vector<GmvMaxRow> GmvMaxRows(const Account& account, const GmvMaxQuery& query, absl::Time now);

struct GmvMaxMetric {
  absl::string_view name;
  FieldType type;  // kInteger or kNumber
};
absl::Span<const GmvMaxMetric> GmvMaxMetrics();
// "12.30", "3", or "-" for what cannot be divided.
std::string GmvMaxText(const Account& account, const GmvMaxRow& row, absl::string_view metric);

EndpointAnswer AnswerGmvMaxReport(const DataSet& data_set, const Call& call, absl::Time now, const PageTwist& twist);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_GMV_MAX_REPORT_H_
