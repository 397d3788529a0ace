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

std::vector<const EntityField*> ReadFields(ParamReader& in, Level level) {
  std::vector<const EntityField*> fields;
  const std::vector<std::string> names = in.TextList("fields");
  for (const EntityField& field : EntityFields(level)) {
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

EndpointAnswer AnswerEntities(const DataSet& data_set, Level level, const Call& call, int64_t now,
                              const PageTwist& twist) {
  ParamReader in(call.params);
  const Account* account = ReadAccount(in, data_set);
  const std::vector<const EntityField*> fields = ReadFields(in, level);
  const bool without_nulls = ReadExclude(in);
  const EntityFilter filter = ReadEntityFilter(in, level);
  const int64_t most = level == kAdGroup && filter.TopViewOnly() ? 100 : 1'000;
  const int64_t page = in.Whole("page", 1, 1, INT32_MAX);
  const int64_t page_size = in.Whole("page_size", 10, 1, most);
  if (in.refusal()) return EndpointAnswer::Refuse(in.refusal()->code, in.refusal()->message);

  std::vector<uint32_t> found;
  for (const uint32_t index : NewestFirst(*account, level)) {
    if (Passes(filter, EntityAt(*account, level, index), now)) found.push_back(index);
  }
  const auto count = static_cast<int64_t>(found.size());
  const int64_t shift = page > 1 ? twist.shift_rows : 0;
  const int64_t begin = std::clamp<int64_t>((page - 1) * page_size - shift, 0, count);
  const int64_t end = std::min(count, begin + page_size);
  std::string out = "{\"list\":[";
  for (int64_t i = begin; i < end; ++i) {
    if (i > begin) out += ',';
    AppendEntity(EntityAt(*account, level, found[static_cast<size_t>(i)]), fields, without_nulls, now, twist, out);
  }
  out += "],";
  AppendPageInfo(page, page_size, std::max<int64_t>(0, count + twist.total_drift), out);
  out += '}';
  return EndpointAnswer::Data(std::move(out));
}

}  // namespace tikhaul::simulator
