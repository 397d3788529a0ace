#include "common/catalog/id_listings.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "common/catalog/api_request.h"
#include "common/catalog/json_text.h"

namespace tikhaul {
namespace {

using Json = nlohmann::ordered_json;  // members stay in the order in which they are written

// Reports of this level and finer ones can be narrowed by its ids.
struct ListingSpec {
  uint8_t level;
  const char* path;
  const char* filter_field;
  const char* id_member;
  uint32_t top_view_page_size;   // section 6.1
  uint32_t advised_at_ad_level;  // ids of one filter (sections 4.5 and 9.1)
};
constexpr uint32_t kAdvisedIds = 100;
constexpr uint32_t kPageSize = 1000;
constexpr ListingSpec kListings[] = {
    {kCampaignLevel, "campaign/get/", "campaign_ids", "campaign_id", 1000, 30},
    {kAdGroupLevel, "adgroup/get/", "adgroup_ids", "adgroup_id", 100, 100},
    {kAdLevel, "ad/get/", "ad_ids", "ad_id", 1000, 100},
};

// The ids that the extract's own filter on the field names, if it has one.
std::optional<std::vector<std::string>> OwnIds(const v1::Extract& extract, const std::string& field) {
  for (const v1::Filter& filter : extract.filters()) {
    if (filter.field_name() == field && filter.filter_type() == "IN") return ParseJsonArray(filter.filter_value());
  }
  return std::nullopt;
}

void AddRequest(const ListingSpec& spec, const std::string& advertiser, const Json& filter, uint32_t page_size,
                v1::IdListing& listing) {
  v1::ApiRequest& request = *listing.add_requests();
  request.set_path(spec.path);
  request.set_page_size(page_size);
  AddParam(request, "advertiser_id", advertiser);
  AddParam(request, "fields", JsonArray({spec.id_member}));
  AddParam(request, "filtering", filter.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

void PlanListings(const v1::Extract& extract, const ReportParts& parts, v1::ReadPlan& plan) {
  Json filter = {{"primary_status", "STATUS_ALL"}, {"campaign_system_origins", {"TT_ADS_PLATFORM", "PROMOTE"}}};
  for (const ListingSpec& spec : kListings) {
    if (spec.level > parts.level) return;
    if (spec.level == kAdLevel && parts.id->name != spec.id_member) return;  // ad_id_v2 has ids of its own
    v1::IdListing& listing = *plan.add_listings();
    listing.set_filter_field(spec.filter_field);
    listing.set_id_member(spec.id_member);
    listing.set_advised_ids(parts.level == kAdLevel ? spec.advised_at_ad_level : kAdvisedIds);
    if (const auto own = OwnIds(extract, spec.filter_field); own.has_value()) filter[spec.filter_field] = *own;
    AddRequest(spec, plan.advertiser_id(), filter, kPageSize, listing);
    Json top_view = filter;
    top_view["buying_types"] = Json::array({"RESERVATION_TOP_VIEW"});
    AddRequest(spec, plan.advertiser_id(), top_view, spec.top_view_page_size, listing);
  }
}

}  // namespace tikhaul
