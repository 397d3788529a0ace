// Fields of smart_plus/campaign/get/, smart_plus/adgroup/get/ and smart_plus/ad/get/: those of tiktok-api.md 6 that
// section 8 calls the key fields, and what ads have of their own.
#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "simulator/entity_fields.h"

namespace tikhaul::simulator {
namespace {

constexpr absl::string_view kCampaignNames =
    "campaign_id campaign_name objective_type app_promotion_type sales_destination campaign_type app_id "
    "budget_optimize_on budget_mode budget operation_status secondary_status create_time modify_time";
constexpr absl::string_view kGroupNames =
    "adgroup_id adgroup_name campaign_id campaign_name promotion_type placement_type placements location_ids "
    "budget_mode "
    "budget schedule_type schedule_start_time schedule_end_time optimization_goal billing_event bid_price "
    "operation_status secondary_status create_time modify_time";
constexpr absl::string_view kAdNames =
    "ad_name campaign_id campaign_name adgroup_id adgroup_name operation_status secondary_status create_time "
    "modify_time";

constexpr EntityField kOwnAdFields[] = {
    {"smart_plus_ad_id", FieldType::kText, FieldSource::kAdId, ""},
    {"creative_list", FieldType::kJson, FieldSource::kPick,
     R"j([{"creative_info":{"ad_format":"SINGLE_VIDEO","tiktok_item_id":"7012345678901234567"}}] | [])j"},
};

std::vector<EntityField> Make(Level level, absl::string_view names) {
  std::vector<EntityField> fields;
  if (level == kAd) fields.assign(std::begin(kOwnAdFields), std::end(kOwnAdFields));
  for (const absl::string_view name : absl::StrSplit(names, ' ')) {
    const absl::Span<const EntityField> known = EntityFields(level);
    fields.push_back(*std::find_if(known.begin(), known.end(), [&](const EntityField& f) { return f.name == name; }));
  }
  return fields;
}

}  // namespace

absl::Span<const EntityField> SmartPlusFields(Level level) {
  static const auto& campaign = *new std::vector<EntityField>(Make(kCampaign, kCampaignNames));
  static const auto& group = *new std::vector<EntityField>(Make(kAdGroup, kGroupNames));
  static const auto& ad = *new std::vector<EntityField>(Make(kAd, kAdNames));
  if (level == kCampaign) return campaign;
  return level == kAdGroup ? group : ad;
}

}  // namespace tikhaul::simulator
