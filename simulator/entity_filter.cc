#include "simulator/entity_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

constexpr size_t kMostIds = 100;

constexpr absl::string_view kPrimaryStatuses[] = {
    "STATUS_ALL",     "STATUS_NOT_DELETE",       "STATUS_DELETE",          "STATUS_DELIVERY_OK",
    "STATUS_DISABLE", "STATUS_NOT_DELIVERY",     "STATUS_TIME_DONE",       "STATUS_RF_CLOSED",
    "STATUS_FROZEN",  "STATUS_DELIVERY_PARTIAL", "STATUS_DELIVERY_CATALOG"};

// Filters that compare a field of the object with a text, a flag or a list of texts.
struct FieldFilter {
  absl::string_view name;
  uint8_t levels;
  absl::string_view field;
};
constexpr FieldFilter kFieldFilters[] = {
    {"objective_type", kFromCampaign, "objective_type"},
    {"optimization_goal", kFromCampaign, "optimization_goal"},
    {"campaign_automation_type", kCampaign | kAdGroup, "campaign_automation_type"},
    {"creative_material_mode", kFromAdGroup, "creative_material_mode"},
    {"sales_destination", kCampaign, "sales_destination"},
    {"is_smart_performance_campaign", kCampaign, "is_smart_performance_campaign"},
    {"campaign_product_source", kCampaign, "campaign_product_source"},
    {"campaign_type", kCampaign, "campaign_type"},
    {"promotion_type", kAdGroup, "promotion_type"},
    {"billing_events", kAdGroup, "billing_event"},
};

std::optional<std::vector<std::string>> Texts(const json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const json& element : value) {
    if (!element.is_string()) return std::nullopt;
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

class FilterReader {
 public:
  FilterReader(ParamReader& in, Level level) : in_(in), level_(level) {}

  EntityFilter Read() {
    const std::string* raw = in_.Raw("filtering");
    if (raw == nullptr) return std::move(filter_);
    const json parsed = json::parse(*raw, nullptr, false);
    if (!parsed.is_object()) {
      in_.Refuse(40002, "filtering: must be an object.");
      return std::move(filter_);
    }
    for (const auto& [key, value] : parsed.items()) ReadOne(key, value);
    CheckTogether();
    return std::move(filter_);
  }

 private:
  void Bad(const std::string& key, absl::string_view what) {
    in_.Refuse(40002, absl::StrCat("filtering.", key, ": ", what));
  }

  void ReadOne(const std::string& key, const json& value) {
    if (key == "campaign_ids") return ReadIds(key, value, filter_.campaigns);
    if (key == "adgroup_ids" && level_ != kCampaign) return ReadIds(key, value, filter_.groups);
    if (key == "ad_ids" && level_ == kAd) return ReadIds(key, value, filter_.ads);
    if (key == "buying_types") return ReadBuying(key, value);
    if (key == "campaign_system_origins") return ReadOrigins(key, value);
    if (key == "primary_status") return ReadPrimary(key, value);
    if (key == "secondary_status") return ReadSecondary(key, value);
    if (key == "creation_filter_start_time") return ReadTime(key, value, filter_.created_from);
    if (key == "creation_filter_end_time") return ReadTime(key, value, filter_.created_to);
    if (key == "modified_after" && level_ == kAd) return ReadTime(key, value, filter_.modified_after);
    const bool own_name =
        (key == "campaign_name" && level_ == kCampaign) || (key == "adgroup_name" && level_ == kAdGroup);
    if (own_name) return ReadText(key, value, filter_.name_part);
    for (const FieldFilter& known : kFieldFilters) {
      if (known.name == key && (known.levels & level_) != 0) return ReadField(known, value);
    }
    Bad(key, "Unknown field, or one that this simulator does not know.");
  }

  void ReadText(const std::string& key, const json& value, std::string& out) {
    if (!value.is_string()) return Bad(key, "Not a valid string.");
    out = value.get<std::string>();
  }

  void ReadIds(const std::string& key, const json& value, absl::flat_hash_set<uint64_t>& ids) {
    const auto texts = Texts(value);
    if (!texts || texts->empty()) return Bad(key, "Not a valid list of strings.");
    if (texts->size() > kMostIds)
      return in_.Refuse(40011, absl::StrCat("filtering.", key, ": too many ids, the maximum is 100."));
    for (const std::string& text : *texts) {
      const std::optional<uint64_t> id = ParseId(text);
      if (!id) return Bad(key, "Not a valid id.");
      ids.insert(*id);
    }
  }

  void ReadBuying(const std::string& key, const json& value) {
    const auto texts = Texts(value);
    if (!texts || texts->empty()) return Bad(key, "Not a valid list of strings.");
    filter_.buying.clear();
    for (const std::string& text : *texts) {
      if (text == "AUCTION") {
        filter_.buying.push_back(Buying::kAuction);
      } else if (text == "RESERVATION_RF") {
        filter_.buying.push_back(Buying::kReachAndFrequency);
      } else if (text == "RESERVATION_TOP_VIEW") {
        filter_.buying.push_back(Buying::kTopView);
      } else {
        return Bad(key, "Not a valid choice.");
      }
    }
    const bool top_view = std::count(texts->begin(), texts->end(), "RESERVATION_TOP_VIEW") > 0;
    if (top_view && texts->size() > 1) Bad(key, "RESERVATION_TOP_VIEW cannot be combined with other buying types.");
  }

  void ReadOrigins(const std::string& key, const json& value) {
    const auto texts = Texts(value);
    if (!texts || texts->empty()) return Bad(key, "Not a valid list of strings.");
    filter_.promote = filter_.ads_platform = false;
    for (const std::string& text : *texts) {
      if (text != "PROMOTE" && text != "TT_ADS_PLATFORM") return Bad(key, "Not a valid choice.");
      (text == "PROMOTE" ? filter_.promote : filter_.ads_platform) = true;
    }
  }

  void ReadPrimary(const std::string& key, const json& value) {
    ReadText(key, value, filter_.primary_status);
    for (absl::string_view known : kPrimaryStatuses) {
      if (known == filter_.primary_status) return;
    }
    Bad(key, "Not a valid choice.");
  }

  void ReadSecondary(const std::string& key, const json& value) {
    ReadText(key, value, filter_.secondary_status);
    const absl::string_view prefix = level_ == kCampaign  ? "CAMPAIGN_STATUS_"
                                     : level_ == kAdGroup ? "ADGROUP_STATUS_"
                                                          : "AD_STATUS_";
    if (!absl::StartsWith(filter_.secondary_status, prefix)) Bad(key, "Not a valid choice.");
  }

  void ReadTime(const std::string& key, const json& value, std::optional<int64_t>& out) {
    const auto second = ParseCivilSecond(value.is_string() ? value.get<std::string>() : "");
    if (!second.ok()) return Bad(key, "Not a valid time, the format is YYYY-MM-DD HH:MM:SS.");
    out = SecondNumber(*second);
  }

  void ReadField(const FieldFilter& known, const json& value) {
    const std::string key(known.name);
    EntityFilter::FieldIs filter{std::string(known.field), {}};
    if (value.is_boolean()) {
      filter.json.push_back(value.get<bool>() ? "true" : "false");
    } else if (value.is_string()) {
      filter.json.push_back(value.dump());
    } else if (const auto texts = Texts(value)) {
      for (const std::string& text : *texts) filter.json.push_back(json(text).dump());
    } else {
      return Bad(key, "Not a valid value.");
    }
    // Both names of the objective match both (tiktok-api.md 6.1).
    const auto has = [&](const char* text) { return std::count(filter.json.begin(), filter.json.end(), text) > 0; };
    if (known.field == "objective_type" && has("\"CONVERSIONS\"")) filter.json.push_back("\"WEB_CONVERSIONS\"");
    filter_.fields.push_back(std::move(filter));
  }

  void CheckTogether() {
    const std::string& primary = filter_.primary_status;
    const bool deleted =
        absl::EndsWith(filter_.secondary_status, "_DELETE") && !absl::EndsWith(filter_.secondary_status, "_NOT_DELETE");
    if ((primary == "STATUS_NOT_DELETE" && deleted) ||
        (primary == "STATUS_DELETE" && !filter_.secondary_status.empty() && !deleted &&
         !absl::EndsWith(filter_.secondary_status, "_ALL"))) {
      Bad("secondary_status", "does not fit primary_status.");
    }
    if (filter_.created_from && filter_.created_to && *filter_.created_from > *filter_.created_to) {
      Bad("creation_filter_end_time", "must not be earlier than creation_filter_start_time.");
    }
  }

  ParamReader& in_;
  const Level level_;
  EntityFilter filter_;
};

bool PassesPrimary(absl::string_view primary, bool deleted, absl::string_view secondary) {
  if (primary == "STATUS_ALL") return true;
  if (primary == "STATUS_NOT_DELETE") return !deleted;
  if (primary == "STATUS_DELETE") return deleted;
  if (deleted) return false;
  if (primary == "STATUS_DELIVERY_OK")
    return absl::EndsWith(secondary, "_DELIVERY_OK") || absl::EndsWith(secondary, "_ENABLE");
  if (primary == "STATUS_DISABLE") return absl::EndsWith(secondary, "_DISABLE");
  if (primary == "STATUS_TIME_DONE") return absl::EndsWith(secondary, "_DONE");
  if (primary == "STATUS_NOT_DELIVERY")
    return absl::EndsWith(secondary, "_DISABLE") || absl::EndsWith(secondary, "_DONE");
  return false;
}

bool PassesStatuses(const EntityFilter& filter, const Entity& entity, int64_t now) {
  const absl::string_view secondary = SecondaryStatus(entity, now);
  const bool deleted = IsDeleted(*entity.self, now);
  const absl::string_view wanted = filter.secondary_status;
  const bool all = absl::EndsWith(wanted, "_ALL"), not_deleted = absl::EndsWith(wanted, "_NOT_DELETE");
  if (!filter.primary_status.empty()) {
    if (!PassesPrimary(filter.primary_status, deleted, secondary)) return false;
  } else if (wanted.empty() && deleted) {
    return false;
  }
  if (wanted.empty() || all) return true;
  return not_deleted ? !deleted : wanted == secondary;
}

bool PassesFields(const EntityFilter& filter, const Entity& entity, int64_t now) {
  for (const EntityFilter::FieldIs& wanted : filter.fields) {
    std::string json_text;
    for (const EntityField& field : EntityFields(entity.level)) {
      if (field.name == wanted.field) AppendField(entity, field, now, json_text);
    }
    if (std::find(wanted.json.begin(), wanted.json.end(), json_text) == wanted.json.end()) return false;
  }
  return true;
}

}  // namespace

EntityFilter ReadEntityFilter(ParamReader& in, Level level) { return FilterReader(in, level).Read(); }

bool Passes(const EntityFilter& filter, const Entity& entity, int64_t now) {
  const Object& self = *entity.self;
  if (!Exists(self, now)) return false;
  if (std::find(filter.buying.begin(), filter.buying.end(), self.buying) == filter.buying.end()) return false;
  if (!(self.promote ? filter.promote : filter.ads_platform)) return false;
  if (!filter.campaigns.empty() && !filter.campaigns.contains(entity.campaign->id)) return false;
  if (!filter.groups.empty() && !filter.groups.contains(entity.group->id)) return false;
  if (!filter.ads.empty() && !filter.ads.contains(self.id)) return false;
  if (filter.created_from && self.created < *filter.created_from) return false;
  if (filter.created_to && self.created > *filter.created_to) return false;
  if (filter.modified_after && ModifiedAt(self, now) < *filter.modified_after) return false;
  if (!filter.name_part.empty() && !absl::StrContains(self.name, filter.name_part)) return false;
  return PassesStatuses(filter, entity, now) && PassesFields(filter, entity, now);
}

}  // namespace tikhaul::simulator
