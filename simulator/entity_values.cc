#include "simulator/entity_values.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/civil.h"
#include "common/base/digest.h"
#include "simulator/hash.h"
#include "simulator/names.h"
#include "simulator/object_values.h"

namespace tikhaul::simulator {
namespace {

constexpr int64_t kTenYears = 3'650LL * 86'400;
constexpr int64_t kTimeDoneAfter = 150LL * 86'400;

bool Disabled(const Object& object) { return Mix(object.seed, 0xd15) % 5 == 0; }
bool OwnDeleted(const Object& object, int64_t now) { return object.own_deleted <= now; }

void AppendId(const Object& object, std::string& out) { absl::StrAppend(&out, "\"", object.id, "\""); }
void AppendQuoted(absl::string_view text, std::string& out) { absl::StrAppend(&out, "\"", text, "\""); }

// Money as a JSON number: "0", "0.0", "20", "20.5" (tiktok-api.md 6.1).
void AppendMoney(const Entity& entity, int64_t minor, std::string& out) {
  if (minor == 0) {
    out += entity.self->seed % 2 == 0 ? "0" : "0.0";
  } else if (entity.account->places == 2 && minor % 100 == 0 && entity.self->seed % 3 != 0) {
    absl::StrAppend(&out, minor / 100);
  } else {
    AppendFixed(minor, entity.account->places, out);
  }
}

void AppendBudget(const Entity& entity, std::string& out) {
  AppendMoney(entity,
              entity.level == kCampaign ? CampaignBudget(*entity.account, *entity.self)
                                        : GroupBudget(*entity.account, *entity.self),
              out);
}

absl::string_view BudgetMode(const Entity& entity) {
  if (entity.level == kCampaign) {
    return CampaignBudget(*entity.account, *entity.self) == 0 ? "BUDGET_MODE_INFINITE" : "BUDGET_MODE_DAY";
  }
  return GroupBudget(*entity.account, *entity.self) == 0 ? "BUDGET_MODE_INFINITE" : "BUDGET_MODE_DYNAMIC_DAILY_BUDGET";
}

void AppendComputed(const Entity& e, const EntityField& field, int64_t now, std::string& out) {
  switch (field.source) {
    case FieldSource::kAdvertiserId:
      return AppendQuoted(e.account->id_text, out);
    case FieldSource::kCampaignId:
      return AppendId(*e.campaign, out);
    case FieldSource::kCampaignName:
      return AppendJsonString(e.campaign->name, out);
    case FieldSource::kAdgroupId:
      return AppendId(*e.group, out);
    case FieldSource::kAdgroupName:
      return AppendJsonString(e.group->name, out);
    case FieldSource::kAdId:
      return AppendId(*e.self, out);
    case FieldSource::kAdName:
      return AppendJsonString(e.self->name, out);
    case FieldSource::kAdText:
      return AppendJsonString(AdText(e.self->seed), out);
    case FieldSource::kCreateTime:
      return AppendQuoted(FormatUtc(e.self->created), out);
    case FieldSource::kModifyTime:
      return AppendQuoted(FormatUtc(ModifiedAt(*e.self, now)), out);
    case FieldSource::kScheduleStartTime:
      return AppendQuoted(FormatUtc(e.self->created + 600), out);
    case FieldSource::kScheduleEndTime:
      return AppendQuoted(FormatUtc(e.self->created + 600 + kTenYears), out);
    case FieldSource::kObjectiveType:
      return AppendQuoted(ObjectiveOf(*e.campaign), out);
    case FieldSource::kSecondaryStatus:
      return AppendQuoted(SecondaryStatus(e, now), out);
    case FieldSource::kOperationStatus:
      return AppendQuoted(Disabled(*e.self) ? "DISABLE" : "ENABLE", out);
    case FieldSource::kBudget:
      return AppendBudget(e, out);
    case FieldSource::kBudgetMode:
      return AppendQuoted(BudgetMode(e), out);
    case FieldSource::kBidPrice:
      return AppendMoney(e, GroupBid(*e.account, *e.self), out);
    case FieldSource::kBillingEvent:
      return AppendQuoted(
          e.self->buying == Buying::kAuction ? Pick("CPC | OCPM | CPM | CPV", Mix(e.self->seed, 0xb11)) : "GD", out);
    case FieldSource::kOptimizationGoal:
      return AppendQuoted(Pick("CLICK | CONVERT | REACH | VIDEO_VIEW", Mix(e.self->seed, 0x90a1)), out);
    case FieldSource::kRfCampaignType:
      return AppendQuoted(e.self->buying == Buying::kTopView ? "TOPVIEW" : "STANDARD", out);
    case FieldSource::kCampaignSystemOrigin:
      return AppendQuoted("PROMOTE", out);
    case FieldSource::kAutomationType:
      return AppendQuoted(e.self->smart_plus ? "UPGRADED_SMART_PLUS" : "MANUAL", out);
    case FieldSource::kPick:
      break;
  }
}

bool PromoteHas(FieldSource source) {
  return source != FieldSource::kPick && source != FieldSource::kBidPrice && source != FieldSource::kRfCampaignType &&
         source != FieldSource::kAutomationType;
}

}  // namespace

Entity EntityAt(const Account& account, Level level, uint32_t index) {
  Entity entity{&account, level, &ObjectAt(account, level, index), nullptr, nullptr};
  if (level == kAd) entity.group = &account.groups[entity.self->parent];
  if (level == kAdGroup) entity.group = entity.self;
  entity.campaign = level == kCampaign ? entity.self : &account.campaigns[entity.group->parent];
  return entity;
}

bool AppendField(const Entity& entity, const EntityField& field, int64_t now, std::string& out) {
  const bool promote = entity.self->promote;
  if (promote && !PromoteHas(field.source)) return false;
  if (!promote && field.source == FieldSource::kCampaignSystemOrigin) return false;
  // Smart+ ads may lack the time of their last change (tiktok-api.md 6.4).
  const bool timeless = entity.level == kAd && entity.self->smart_plus && entity.self->seed % 2 == 0;
  if (timeless && field.source == FieldSource::kModifyTime) return false;
  if (field.source == FieldSource::kPick) {
    absl::StrAppend(&out, Pick(field.values, Mix(entity.self->seed, StableHash(field.name))));
  } else {
    AppendComputed(entity, field, now, out);
  }
  return true;
}

absl::string_view SecondaryStatus(const Entity& e, int64_t now) {
  const Object& campaign = *e.campaign;
  if (e.level == kCampaign) {
    if (OwnDeleted(campaign, now)) return "CAMPAIGN_STATUS_DELETE";
    return Disabled(campaign) ? "CAMPAIGN_STATUS_DISABLE" : "CAMPAIGN_STATUS_ENABLE";
  }
  const Object& group = *e.group;
  const bool done = e.self->created + kTimeDoneAfter <= now;
  if (e.level == kAdGroup) {
    if (OwnDeleted(group, now)) return "ADGROUP_STATUS_DELETE";
    if (OwnDeleted(campaign, now)) return "ADGROUP_STATUS_CAMPAIGN_DELETE";
    if (Disabled(group)) return "ADGROUP_STATUS_DISABLE";
    if (Disabled(campaign)) return "ADGROUP_STATUS_CAMPAIGN_DISABLE";
    return done ? "ADGROUP_STATUS_TIME_DONE" : "ADGROUP_STATUS_DELIVERY_OK";
  }
  if (OwnDeleted(*e.self, now)) return "AD_STATUS_DELETE";
  if (OwnDeleted(group, now)) return "AD_STATUS_ADGROUP_DELETE";
  if (OwnDeleted(campaign, now)) return "AD_STATUS_CAMPAIGN_DELETE";
  if (Disabled(*e.self)) return "AD_STATUS_DISABLE";
  if (Disabled(group)) return "AD_STATUS_ADGROUP_DISABLE";
  if (Disabled(campaign)) return "AD_STATUS_CAMPAIGN_DISABLE";
  return done ? "AD_STATUS_DONE" : "AD_STATUS_DELIVERY_OK";
}

int64_t ModifiedAt(const Object& object, int64_t now) {
  if (object.own_deleted <= now) return std::max(object.own_deleted, object.created);
  return object.modified <= now ? object.modified : object.created;
}

std::string FormatUtc(int64_t seconds) {
  return FormatCivilSecond(absl::ToCivilSecond(absl::FromUnixSeconds(seconds), absl::UTCTimeZone()));
}

}  // namespace tikhaul::simulator
