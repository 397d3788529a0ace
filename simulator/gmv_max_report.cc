#include "simulator/gmv_max_report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "simulator/accounts_endpoint.h"
#include "simulator/asset_kinds.h"
#include "simulator/assets.h"
#include "simulator/hash.h"
#include "simulator/names.h"
#include "simulator/object_values.h"
#include "simulator/page_writer.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {
namespace {

constexpr int64_t kMostDays = 30;  // as with other reports by day (tiktok-api.md 4.4)
constexpr int kRatioPlaces = 2;
constexpr GmvMaxMetric kMetrics[] = {{"cost", FieldType::kNumber},          {"net_cost", FieldType::kNumber},
                                     {"orders", FieldType::kInteger},       {"cost_per_order", FieldType::kNumber},
                                     {"gross_revenue", FieldType::kNumber}, {"roi", FieldType::kNumber},
                                     {"live_views", FieldType::kInteger}};

int64_t DaySecond(const Account& account, int64_t day) {
  return absl::ToUnixSeconds(absl::FromCivil(DayFromNumber(day), account.zone));
}

// A campaign delivers on two days of three, from its creation on.
bool Figures(const Account& account, const Asset& campaign, int64_t day, GmvMaxRow& row) {
  const uint64_t seed = Mix(campaign.seed, 0x6a7, static_cast<uint64_t>(day));
  if (DaySecond(account, day) < campaign.created || Mix(seed, 1) % 3 == 0) return false;
  row.day = day;
  row.cost = Between(Mix(seed, 2), 0, 90'000) * account.price / 100;
  row.net_cost = row.cost * Between(Mix(seed, 3), 80, 100) / 100;
  row.orders = Between(Mix(seed, 4), 0, 40);
  row.revenue = row.orders * Between(Mix(seed, 5), 500, 9'000) * account.price / 100;
  row.live_views = Between(Mix(seed, 6), 0, 5'000);
  return true;
}

void Add(const GmvMaxRow& more, GmvMaxRow& sum) {
  sum.cost += more.cost;
  sum.net_cost += more.net_cost;
  sum.orders += more.orders;
  sum.revenue += more.revenue;
  sum.live_views += more.live_views;
}

// Half up.
int64_t Divided(int64_t numerator, int64_t denominator) { return (2 * numerator + denominator) / (2 * denominator); }

int64_t ReadDay(ParamReader& in, absl::string_view name) {
  const std::string text = in.Text(name, true);
  if (in.refusal()) return 0;
  const auto day = ParseDay(text);
  if (!day.ok()) in.Refuse(40002, absl::StrCat(name, ": Not a valid date, the format is YYYY-MM-DD."));
  return day.ok() ? DayNumber(*day) : 0;
}

void ReadStore(ParamReader& in, const Account* account, GmvMaxQuery& query) {
  const std::vector<std::string> stores = in.TextList("store_ids", true);
  if (stores.size() > 1) in.Refuse(40002, "store_ids: Longer than maximum length 1.");
  if (in.refusal()) return;
  if (stores[0] != StoreId(*account, 0) && stores[0] != StoreId(*account, 1)) {
    return in.Refuse(40001, absl::StrCat("No permission to operate store ", stores[0], "."));
  }
  query.store = stores[0] == StoreId(*account, 1) ? 1 : 0;
}

void ReadDimensions(ParamReader& in, GmvMaxQuery& query) {
  std::vector<std::string> dimensions = in.TextList("dimensions", true);
  if (in.refusal()) return;
  std::sort(dimensions.begin(), dimensions.end());
  query.by_campaign = dimensions == std::vector<std::string>{"campaign_id", "stat_time_day"};
  if (query.by_campaign || dimensions == std::vector<std::string>{"advertiser_id", "stat_time_day"}) return;
  in.Refuse(40002, "dimensions: only advertiser_id or campaign_id with stat_time_day is simulated.");
}

std::vector<std::string> ReadMetrics(ParamReader& in) {
  const std::vector<std::string> metrics = in.TextList("metrics", true);
  for (const std::string& name : metrics) {
    if (std::none_of(std::begin(kMetrics), std::end(kMetrics), [&](const GmvMaxMetric& m) { return m.name == name; })) {
      in.Refuse(40002, absl::StrCat("metrics: \"", name, "\" is not a metric of this report."));
    }
  }
  return metrics;
}

void ReadDays(ParamReader& in, GmvMaxQuery& query) {
  query.first_day = ReadDay(in, "start_date");
  query.last_day = ReadDay(in, "end_date");
  const int64_t days = query.last_day - query.first_day + 1;
  if (days < 1) in.Refuse(40002, "end_date: must not be earlier than start_date.");
  if (days > kMostDays) in.Refuse(40002, "start_date, end_date: the max time span is 30 days.");
}

void RefuseWhatIsNotSimulated(ParamReader& in) {
  for (const char* name : {"sort_field", "sort_type", "filtering"}) {
    if (in.Has(name)) in.Refuse(40002, absl::StrCat(name, ": not simulated."));
  }
  if (in.Flag("enable_total_metrics", false)) in.Refuse(40002, "enable_total_metrics: true is not simulated.");
}

void AppendRow(const Account& account, const GmvMaxRow& row, bool by_campaign, const std::vector<std::string>& metrics,
               std::string& out) {
  absl::StrAppend(&out, "{\"dimensions\":{\"", by_campaign ? "campaign_id" : "advertiser_id", "\":\"", row.id,
                  "\",\"stat_time_day\":\"", FormatDay(DayFromNumber(row.day)), " 00:00:00\"},\"metrics\":{");
  for (size_t i = 0; i < metrics.size(); ++i) {
    absl::StrAppend(&out, i > 0 ? "," : "", "\"", metrics[i], "\":\"", GmvMaxText(account, row, metrics[i]), "\"");
  }
  out += "}}";
}

}  // namespace

std::string StoreId(const Account& account, int store) {
  return absl::StrCat(store == 0 ? "749" : "750", account.id_text.substr(account.id_text.size() - 16));
}

absl::Span<const GmvMaxMetric> GmvMaxMetrics() { return kMetrics; }

std::vector<GmvMaxRow> GmvMaxRows(const Account& account, const GmvMaxQuery& query, absl::Time now) {
  const int64_t today = DayNumber(DayIn(account.zone, now));
  std::vector<GmvMaxRow> rows;
  // What a campaign did stays in the report when the campaign is gone.
  std::vector<Asset> campaigns = AllAssetsOf(account, *FindAssetStream("gmv_max_campaigns"));
  for (int64_t day = std::max(query.first_day, account.created / 86'400); day <= std::min(query.last_day, today);
       ++day) {
    GmvMaxRow whole{.id = account.id_text, .day = day};
    bool any = false;
    for (const Asset& campaign : campaigns) {
      GmvMaxRow row{.id = absl::StrCat(campaign.id)};
      if (static_cast<int>(Mix(campaign.seed, 9) % 2) != query.store || campaign.removed <= DaySecond(account, day))
        continue;
      if (!Figures(account, campaign, day, row)) continue;
      any = true;
      Add(row, whole);
      if (query.by_campaign) rows.push_back(row);
    }
    if (any && !query.by_campaign) rows.push_back(whole);
  }
  return rows;
}

std::string GmvMaxText(const Account& account, const GmvMaxRow& row, absl::string_view metric) {
  if (metric == "orders") return absl::StrCat(row.orders);
  if (metric == "live_views") return absl::StrCat(row.live_views);
  std::string out;
  const auto money = [&](int64_t minor) { AppendFixed(minor, account.places, out); };
  if (metric == "cost") money(row.cost);
  if (metric == "net_cost") money(row.net_cost);
  if (metric == "gross_revenue") money(row.revenue);
  if (metric == "cost_per_order" && row.orders > 0) money(Divided(row.cost, row.orders));
  if (metric == "roi" && row.cost > 0) AppendFixed(Divided(row.revenue * 100, row.cost), kRatioPlaces, out);
  return out.empty() ? "-" : out;
}

EndpointAnswer AnswerGmvMaxReport(const DataSet& data_set, const Call& call, absl::Time now, const PageTwist& twist) {
  ParamReader in(call.params);
  const Account* account = ReadAccount(in, data_set);
  GmvMaxQuery query;
  ReadStore(in, account, query);
  ReadDimensions(in, query);
  const std::vector<std::string> metrics = ReadMetrics(in);
  ReadDays(in, query);
  RefuseWhatIsNotSimulated(in);
  const int64_t page = in.Whole("page", 1, 1, INT32_MAX);
  const int64_t page_size = in.Whole("page_size", 10, 1, 1'000);
  if (in.refusal()) return EndpointAnswer::Refuse(in.refusal()->code, in.refusal()->message);
  const std::vector<GmvMaxRow> rows = GmvMaxRows(*account, query, now);
  const auto count = static_cast<int64_t>(rows.size());
  std::string out = "{";
  const auto append = [&](int64_t i) {
    AppendRow(*account, rows[static_cast<size_t>(i)], query.by_campaign, metrics, out);
  };
  AppendPageRows("list", count, page, page_size, twist, append, out);
  out += ',';
  AppendPageInfo(page, page_size, count, twist, out);
  out += '}';
  return EndpointAnswer::Data(std::move(out));
}

}  // namespace tikhaul::simulator
