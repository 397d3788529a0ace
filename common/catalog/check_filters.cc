// The rules of tiktok-api.md 4.5.
#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/catalog/check_extract.h"
#include "common/catalog/json_text.h"
#include "common/catalog/slices.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kSection = " (tiktok-api.md 4.5)";

constexpr uint8_t kFromCampaign = kCampaignLevel | kAdGroupLevel | kAdLevel;
constexpr uint8_t kFromAdGroup = kAdGroupLevel | kAdLevel;

struct FilterField {
  absl::string_view name = {};
  bool ids = false;
  bool audience_only = false;
  uint8_t levels = kAllLevels;  // ids and statuses of objects that a report's rows are, or lie in
};
constexpr FilterField kFields[] = {
    {"campaign_ids", true, false, kFromCampaign},
    {"adgroup_ids", true, false, kFromAdGroup},
    {"ad_ids", true, false, kAdLevel},
    {"ad_ids_v2", true, false, kAdLevel},
    {"campaign_status", false, false, kFromCampaign},
    {"adgroup_status", false, false, kFromAdGroup},
    {"ad_status", false, false, kAdLevel},
    {"playable_status"},
    {"buying_type"},
    {"objective_type"},
    {"promotion_type"},
    {"optimization_goal"},
    {"bid_strategy"},
    {"creative_material_mode"},
    {"campaign_name"},
    {"adgroup_name"},
    {"ad_name"},
    {"create_time"},
    {"material_id"},
    {"campaign_automation_type"},
    {"gender", false, true},
    {"age", false, true},
};

enum class ValueShape { kArray, kPair, kText };
struct FilterType {
  absl::string_view name = {};
  ValueShape shape;
};
constexpr FilterType kTypes[] = {
    {"IN", ValueShape::kArray},          {"NOT_IN", ValueShape::kArray},     {"CONTAIN_ANY_OF", ValueShape::kArray},
    {"BETWEEN", ValueShape::kPair},      {"MATCH", ValueShape::kText},       {"GREATER_EQUAL", ValueShape::kText},
    {"GREATER_THAN", ValueShape::kText}, {"LOWER_EQUAL", ValueShape::kText}, {"LOWER_THAN", ValueShape::kText},
    {"RANGE", ValueShape::kText},
};

template <typename Spec, size_t N>
const Spec* Find(const Spec (&specs)[N], absl::string_view name) {
  const auto found =
      std::find_if(std::begin(specs), std::end(specs), [&](const Spec& spec) { return spec.name == name; });
  return found == std::end(specs) ? nullptr : &*found;
}

bool IsId(absl::string_view text) {
  return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

class FilterCheck {
 public:
  FilterCheck(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts, ExtractProblems& problems)
      : stream_(stream), extract_(extract), parts_(parts), problems_(problems) {}

  void Run() {
    for (index_ = 0; index_ < extract_.filters_size(); ++index_) CheckOne(extract_.filters(index_));
  }

 private:
  void Add(absl::string_view message) { problems_.push_back({"filters", index_, absl::StrCat(message, kSection)}); }

  void CheckOne(const v1::Filter& filter) {
    const FilterField* field = Find(kFields, filter.field_name());
    const FilterType* type = Find(kTypes, filter.filter_type());
    if (field == nullptr || (field->audience_only && !stream_.needs_breakdown)) return UnknownField(filter);
    if (type == nullptr) {
      return Add(absl::StrCat("unknown filter type ", Quoted(filter.filter_type()), ": it is one of ",
                              absl::StrJoin(NamesOfAll(kTypes), ", "),
                              DidYouMean(filter.filter_type(), NamesOfAll(kTypes))));
    }
    if (field->ids && type->shape != ValueShape::kArray) {
      return Add(absl::StrCat("filter ", filter.field_name(), " takes type IN, NOT_IN or CONTAIN_ANY_OF"));
    }
    if (parts_.level != 0 && (field->levels & parts_.level) == 0) {
      Add(absl::StrCat("filter ", field->name, " needs level ", LevelList(field->levels), "; this extract has level ",
                       extract_.level()));
    }
    CheckValue(filter, *field, *type);
    CheckStatus(filter);
    if (filter.field_name() == "ad_ids" && parts_.id != nullptr && parts_.id->name == "ad_id_v2") {
      Add("filter ad_ids cannot stand beside dimension \"ad_id_v2\": use ad_ids_v2");
    }
  }

  void UnknownField(const v1::Filter& filter) {
    std::vector<std::string> names;
    for (const FilterField& field : kFields) {
      if (!field.audience_only || stream_.needs_breakdown) names.emplace_back(field.name);
    }
    Add(absl::StrCat("unknown filter field ", Quoted(filter.field_name()), " of ", stream_.name,
                     DidYouMean(filter.field_name(), names)));
  }

  void CheckValue(const v1::Filter& filter, const FilterField& field, const FilterType& type) {
    const std::string what = absl::StrCat("filter ", field.name, " ", type.name);
    if (type.shape == ValueShape::kText) {
      if (filter.filter_value().empty()) Add(absl::StrCat(what, " needs a value"));
      return;
    }
    const auto values = ParseJsonArray(filter.filter_value());
    if (!values.has_value() || values->empty()) return Add(absl::StrCat(what, " needs a list of values"));
    if (type.shape == ValueShape::kPair && values->size() != 2)
      return Add(absl::StrCat(what, " needs a list of exactly two values"));
    if (!field.ids) return;
    if (values->size() > kMostFilterIds) {
      Add(absl::StrCat(what, " holds ", values->size(), " ids, at most ", kMostFilterIds,
                       " are allowed: make several extracts"));
    }
    const auto bad = std::find_if_not(values->begin(), values->end(), IsId);
    if (bad != values->end()) Add(absl::StrCat(what, ": ", Quoted(*bad), " is not an id"));
  }

  // The status filter of the own level is what reads or leaves out deleted objects.
  void CheckStatus(const v1::Filter& filter) {
    if (parts_.level == 0 || filter.field_name() != StatusFilterField(parts_.level)) return;
    if (!extract_.exclude_deleted()) {
      return Add(absl::StrCat("filter ", filter.field_name(),
                              " contradicts reading deleted objects, which sets it to STATUS_ALL: "
                              "say include_deleted: false to filter by status"));
    }
    const auto values = ParseJsonArray(filter.filter_value()).value_or(std::vector<std::string>{filter.filter_value()});
    for (const std::string& value : values) {
      if (value != "STATUS_ALL" && value != "STATUS_DELETE") continue;
      Add(absl::StrCat("filter ", filter.field_name(), " with ", value, " contradicts include_deleted: false"));
    }
  }

  const StreamSpec& stream_;
  const v1::Extract& extract_;
  const ReportParts& parts_;
  ExtractProblems& problems_;
  int index_ = 0;
};

}  // namespace

void CheckFilters(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                  ExtractProblems& problems) {
  FilterCheck(stream, extract, parts, problems).Run();
}

}  // namespace tikhaul
