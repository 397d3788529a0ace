// What entity lists show of each object.
#ifndef TIKHAUL_SIMULATOR_ENTITY_FIELDS_H_
#define TIKHAUL_SIMULATOR_ENTITY_FIELDS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "simulator/level.h"

namespace tikhaul::simulator {

enum class FieldType { kText, kNumber, kInteger, kId, kFlag, kJson, kTime };

// kPick: one of the JSON texts of `values` ("a | b"), by the object's seed. The others are computed.
enum class FieldSource {
  kPick,
  kAdId,
  kAdName,
  kAdText,
  kAdgroupId,
  kAdgroupName,
  kAdvertiserId,
  kAutomationType,
  kBidPrice,
  kBillingEvent,
  kBudget,
  kBudgetMode,
  kCampaignId,
  kCampaignName,
  kCampaignSystemOrigin,
  kCreateTime,
  kModifyTime,
  kObjectiveType,
  kOperationStatus,
  kOptimizationGoal,
  kRfCampaignType,
  kScheduleEndTime,
  kScheduleStartTime,
  kSecondaryStatus,
};

struct EntityField {
  absl::string_view name;
  FieldType type;
  FieldSource source;
  absl::string_view values;
  bool extra = false;  // seen in answers or newer copies, but not in the sheet's table
};

// Of kCampaign, kAdGroup or kAd, in the order of the answer.
absl::Span<const EntityField> EntityFields(Level level);
// What smart_plus/*/get/ show of them (tiktok-api.md 8).
absl::Span<const EntityField> SmartPlusFields(Level level);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ENTITY_FIELDS_H_
