#include "simulator/truth_spec.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

struct TextMember {
  absl::string_view name;
  std::string TruthExtract::*member;
};
constexpr TextMember kTexts[] = {{"table", &TruthExtract::table},
                                 {"stream", &TruthExtract::stream},
                                 {"level", &TruthExtract::level},
                                 {"first_day", &TruthExtract::first_day},
                                 {"last_day", &TruthExtract::last_day}};
struct ListMember {
  absl::string_view name;
  std::vector<std::string> TruthExtract::*member;
};
constexpr ListMember kLists[] = {{"dimensions", &TruthExtract::dimensions},
                                 {"metrics", &TruthExtract::metrics},
                                 {"fields", &TruthExtract::fields},
                                 {"advertisers", &TruthExtract::advertisers},
                                 {"stores", &TruthExtract::stores}};

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(absl::StrCat("truth spec: ", what)); }

absl::Status ReadMember(const std::string& key, const json& value, TruthExtract& extract) {
  for (const TextMember& known : kTexts) {
    if (known.name != key) continue;
    if (!value.is_string()) return Bad(absl::StrCat(key, " must be a text"));
    extract.*known.member = value.get<std::string>();
    return absl::OkStatus();
  }
  for (const ListMember& known : kLists) {
    if (known.name != key) continue;
    const auto list = ParseTextList(value.dump());
    if (!list) return Bad(absl::StrCat(key, " must be a list of texts"));
    extract.*known.member = *list;
    return absl::OkStatus();
  }
  if (key != "include_deleted") return Bad(absl::StrCat("unknown member \"", key, "\""));
  if (!value.is_boolean()) return Bad("include_deleted must be true or false");
  extract.include_deleted = value.get<bool>();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<TruthExtract>> ParseTruthSpec(absl::string_view text) {
  const json parsed = json::parse(text.begin(), text.end(), nullptr, false);
  if (!parsed.is_object() || !parsed.contains("extracts") || !parsed["extracts"].is_array()) {
    return Bad("write {\"extracts\":[...]}");
  }
  std::vector<TruthExtract> extracts;
  for (const json& object : parsed["extracts"]) {
    if (!object.is_object()) return Bad("each extract is an object");
    TruthExtract extract;
    for (const auto& [key, value] : object.items()) RETURN_IF_ERROR(ReadMember(key, value, extract));
    if (extract.table.empty() || extract.stream.empty()) return Bad("each extract needs a table and a stream");
    extracts.push_back(std::move(extract));
  }
  return extracts;
}

}  // namespace tikhaul::simulator
