#include "simulator/entity_endpoint.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "simulator/accounts_endpoint.h"
#include "simulator/entity_fields.h"
#include "simulator/entity_filter.h"
#include "simulator/page_writer.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {
namespace {

constexpr EntityView kViews[] = {
    {"campaign/get/", "campaigns", kCampaign},
    {"adgroup/get/", "ad_groups", kAdGroup},
    {"ad/get/", "adverts", kAd},
    {"smart_plus/campaign/get/", "smart_plus_campaigns", kCampaign, true},
    {"smart_plus/adgroup/get/", "smart_plus_ad_groups", kAdGroup, true},
    {"smart_plus/ad/get/", "smart_plus_ads", kAd, true},
};

int64_t MostPageSize(const EntityView& view, const EntityFilter& filter) {
  if (view.smart_plus) return view.level == kAd ? 100 : 1'000;
  return view.level == kAdGroup && filter.TopViewOnly() ? 100 : 1'000;
}

std::vector<const EntityField*> ReadFields(ParamReader& in, const EntityView& view, bool sandbox) {
  std::vector<const EntityField*> fields;
  const std::vector<std::string> names = in.TextList("fields");
  for (const EntityField& field : FieldsOf(view)) {
    if (sandbox && field.source == FieldSource::kSecondaryStatus) continue;
    if (names.empty() || std::find(names.begin(), names.end(), field.name) != names.end()) fields.push_back(&field);
  }
  for (const std::string& name : names) {
    const auto known = [&](const EntityField* field) { return field->name == name; };
    if (std::find_if(fields.begin(), fields.end(), known) == fields.end()) {
      in.Refuse(40002, absl::StrCat("fields: \"", name, "\" is not a field of this endpoint."));
    }
  }
  return fields;
}

bool ReadExclude(ParamReader& in) {
  const std::vector<std::string> types = in.TextList("exclude_field_types_in_response");
  for (const std::string& type : types) {
    if (type != "NULL_FIELD") in.Refuse(40002, "exclude_field_types_in_response: Not a valid choice; only NULL_FIELD.");
  }
  return !types.empty();
}

void AppendEntity(const Entity& entity, const std::vector<const EntityField*>& fields, bool without_nulls, int64_t now,
                  const PageTwist& twist, std::string& out) {
  out += '{';
  std::string value;
  bool first = true;
  for (const EntityField* field : fields) {
    value.clear();
    if (!AppendField(entity, *field, now, value) || (without_nulls && value == "null")) continue;
    absl::StrAppend(&out, first ? "" : ",", "\"", field->name, "\":", value);
    first = false;
  }
  if (twist.unknown_fields) absl::StrAppend(&out, first ? "" : ",", "\"field_of_tomorrow\":{\"a\":[1,\"x\"]}");
  if (!twist.row_member.empty()) absl::StrAppend(&out, first ? "" : ",", twist.row_member);
  out += '}';
}

}  // namespace

absl::Span<const EntityView> EntityViews() { return kViews; }

const EntityView* FindEntityView(absl::string_view path) {
  for (const EntityView& view : kViews) {
    if (view.path == path) return &view;
  }
  return nullptr;
}

absl::Span<const EntityField> FieldsOf(const EntityView& view) {
  return view.smart_plus ? SmartPlusFields(view.level) : EntityFields(view.level);
}

bool Shows(const EntityView& view, const Removals& removals, const Entity& entity, int64_t now) {
  if (!Exists(*entity.self, now) || (view.smart_plus && !entity.self->smart_plus)) return false;
  return !removals.Has(entity.self->id) && !removals.Has(entity.campaign->id) &&
         (entity.group == nullptr || !removals.Has(entity.group->id));
}

EndpointAnswer AnswerEntities(const DataSet& data_set, const EntityView& view, const Call& call, int64_t now,
                              bool sandbox, const PageTwist& twist) {
  const Level level = view.level;
  ParamReader in(call.params);
  const Account* account = ReadAccount(in, data_set);
  const std::vector<const EntityField*> fields = ReadFields(in, view, sandbox);
  const bool without_nulls = ReadExclude(in);
  const EntityFilter filter = ReadEntityFilter(in, level);
  const int64_t page = in.Whole("page", 1, 1, INT32_MAX);
  const int64_t page_size = in.Whole("page_size", 10, 1, MostPageSize(view, filter));
  if (in.refusal()) return EndpointAnswer::Refuse(in.refusal()->code, in.refusal()->message);

  std::vector<uint32_t> found;
  for (const uint32_t index : NewestFirst(*account, level)) {
    const Entity entity = EntityAt(*account, level, index);
    if (Shows(view, data_set.removals(), entity, now) && Passes(filter, entity, now)) found.push_back(index);
  }
  const auto count = static_cast<int64_t>(found.size());
  std::string out = "{";
  const auto append = [&](int64_t i) {
    AppendEntity(EntityAt(*account, level, found[static_cast<size_t>(i)]), fields, without_nulls, now, twist, out);
  };
  AppendPageRows("list", count, page, page_size, twist, append, out);
  out += ',';
  AppendPageInfo(page, page_size, count, twist, out);
  out += '}';
  return EndpointAnswer::Data(std::move(out));
}

}  // namespace tikhaul::simulator
