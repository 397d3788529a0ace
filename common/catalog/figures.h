// Which figures of a report add up over its objects, and the same report asked for otherwise: what verification
// compares. Pure functions over the catalogue; extracts are reports without problems (CheckExtract).
#ifndef TIKHAUL_COMMON_CATALOG_FIGURES_H_
#define TIKHAUL_COMMON_CATALOG_FIGURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/catalog/catalog.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// The figure of a campaign is the sum of those of its ads: events and money. Not so people (reach, names with "unique",
// metrics that have a twin for all events), rates, averages, and results, whose unit differs from object to object
// (tiktok-api.md 4.6).
bool IsAdditive(const StreamSpec& stream, const MetricSpec& metric);
// Those of the extract, as it names them.
std::vector<std::string> AdditiveMetrics(const v1::Extract& extract);

// The extract asked for at another level or for other metrics, with everything that is counted there: no filters,
// deleted objects too, hours as days. The breakdowns stay.
v1::Extract AtLevel(const v1::Extract& extract, uint8_t level, const std::vector<std::string>& metrics);
// The coarsest level at which the API gives those figures with these breakdowns; the extract's own when no coarser one
// does.
uint8_t CoarsestLevel(const v1::Extract& extract, const std::vector<std::string>& metrics);

// What the configuration keeps out of an extract.
struct Restriction {
  std::string what;     // for people: "deleted objects", "buying types", "Smart+ (campaign_automation_type)"
  v1::Extract without;  // the extract without this restriction and those before it
};
// The extract's own level, metrics and restrictions, hours as days. The one before the first Restriction is dropped.
v1::Extract AsConfigured(const v1::Extract& extract, const std::vector<std::string>& metrics);
// In the order in which they are dropped; empty when the extract leaves nothing out.
std::vector<Restriction> RestrictionsOf(const v1::Extract& extract, const std::vector<std::string>& metrics);

// Totals of all rows come with page 1 (tiktok-api.md 4.1: BASIC, one id dimension and stat_time_day, not in the
// sandbox).
bool HasTotals(const v1::Extract& extract);

// Breakdowns of which TikTok says that they do not cover everything (tiktok-api.md 4.2), so that an object's rows may
// add up to less than what a coarser level shows: why, or empty.
absl::string_view PartialCoverage(const v1::Extract& extract);

// Names of the breakdown columns, in table order.
std::vector<std::string> BreakdownColumns(const v1::Extract& extract);
// The id column of the extract's level in its table: "ad_id", "ad_id_v2", "campaign_id" ...; empty at level advertiser.
std::string IdColumnOf(const v1::Extract& extract);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_FIGURES_H_
