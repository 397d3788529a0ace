#include "simulator/asset_endpoint.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/civil.h"
#include "simulator/accounts_endpoint.h"
#include "simulator/assets.h"
#include "simulator/page_writer.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

constexpr size_t kMostIds = 100;

// Reads what narrows a list, and says what passes.
class AssetFilter {
 public:
  AssetFilter(const Account* account, const AssetKind& kind, int64_t now, ParamReader& in)
      : account_(account), kind_(kind), now_(now), in_(in) {}

  void Read() {
    for (const AssetInput& input : kind_.inputs) {
      if (input.in_filtering) continue;
      if (const std::string* raw = in_.Raw(input.name))
        ReadInput(input, Parameter(input, *raw), std::string(input.name));
    }
    ReadFiltering();
  }

  bool Passes(const Asset& asset) const {
    return std::all_of(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule(asset); });
  }
  bool oldest_first() const { return oldest_first_; }

 private:
  using Rule = std::function<bool(const Asset&)>;

  // Scalars of the query string are not JSON.
  static json Parameter(const AssetInput& input, const std::string& raw) {
    if (input.shape != AssetInput::kIds && input.shape != AssetInput::kSomeOf) return raw;
    return json::parse(raw, nullptr, false);
  }

  void ReadFiltering() {
    const std::string* raw = in_.Raw("filtering");
    const json filter = raw == nullptr ? json::object() : json::parse(*raw, nullptr, false);
    if (!filter.is_object()) return in_.Refuse(40002, "filtering: must be an object.");
    for (const auto& [key, value] : filter.items()) {
      const AssetInput* known = nullptr;
      for (const AssetInput& input : kind_.inputs) {
        if (input.in_filtering && input.name == key) known = &input;
      }
      if (known == nullptr) {
        return in_.Refuse(
            40002, absl::StrCat("filtering.", key, ": Unknown field, or one that this simulator does not know."));
      }
      ReadInput(*known, value, absl::StrCat("filtering.", key));
    }
    for (const AssetInput& input : kind_.inputs) {
      if (!input.required || (raw != nullptr && filter.contains(std::string(input.name)))) continue;
      in_.Refuse(40002, absl::StrCat("filtering.", input.name, ": Missing data for required field."));
    }
  }

  void ReadInput(const AssetInput& input, const json& value, const std::string& name) {
    switch (input.shape) {
      case AssetInput::kIds:
      case AssetInput::kSomeOf:
        return ReadList(input, value, name);
      case AssetInput::kFlag:
        if (!value.is_boolean()) return in_.Refuse(40002, absl::StrCat(name, ": Not a valid boolean."));
        return Must(input, [wanted = std::string(value.get<bool>() ? "true" : "false")](const std::string& text) {
          return text == wanted;
        });
      case AssetInput::kFrom:
      case AssetInput::kTo:
        return ReadTime(input, value, name);
      default:
        return ReadText(input, value, name);
    }
  }

  void ReadText(const AssetInput& input, const json& value, const std::string& name) {
    if (!value.is_string()) return in_.Refuse(40002, absl::StrCat(name, ": Not a valid string."));
    const std::string text = value.get<std::string>();
    if (!input.values.empty() && !Legal(input, text)) return NoChoice(input, name);
    switch (input.shape) {
      case AssetInput::kOrder:
        oldest_first_ = text == "EARLIEST_CREATE";
        return;
      case AssetInput::kLanguage:
        return;
      case AssetInput::kContains:
        return Must(input, [text](const std::string& field) {
          return absl::StrContains(json::parse(field).get<std::string>(), text);
        });
      case AssetInput::kDeleted:
        if (text == "STATUS_ALL") return;
        return Must(input, [deleted = text == "STATUS_DELETE"](const std::string& field) {
          return absl::StrContains(field, "_DELETE") == deleted;
        });
      default:
        return Must(input, [wanted = json(text).dump()](const std::string& field) { return field == wanted; });
    }
  }

  void ReadList(const AssetInput& input, const json& value, const std::string& name) {
    std::vector<std::string> wanted;
    if (!value.is_array() || value.empty())
      return in_.Refuse(40002, absl::StrCat(name, ": Not a valid list of strings."));
    for (const json& element : value) {
      if (!element.is_string()) return in_.Refuse(40002, absl::StrCat(name, ": Not a valid list of strings."));
      if (!input.values.empty() && !Legal(input, element.get<std::string>())) return NoChoice(input, name);
      wanted.push_back(element.dump());
    }
    if (wanted.size() > kMostIds) {
      return in_.Refuse(40011, absl::StrCat(name, ": too many ids, the maximum is 100."));
    }
    Must(input,
         [wanted](const std::string& field) { return std::find(wanted.begin(), wanted.end(), field) != wanted.end(); });
  }

  void ReadTime(const AssetInput& input, const json& value, const std::string& name) {
    const auto second = ParseCivilSecond(value.is_string() ? value.get<std::string>() : "");
    if (!second.ok()) {
      return in_.Refuse(40002, absl::StrCat(name, ": Not a valid time, the format is YYYY-MM-DD HH:MM:SS."));
    }
    const bool from = input.shape == AssetInput::kFrom;
    rules_.emplace_back([from, bound = SecondNumber(*second)](const Asset& asset) {
      return from ? asset.created >= bound : asset.created <= bound;
    });
  }

  // The JSON text of the input's field must pass.
  template <typename Test>
  void Must(const AssetInput& input, Test test) {
    const auto field = std::find_if(kind_.fields.begin(), kind_.fields.end(),
                                    [&](const AssetField& known) { return known.name == input.field; });
    rules_.emplace_back([this, field = *field, test](const Asset& asset) {
      std::string text;
      AppendAssetField(*account_, kind_, asset, field, now_, 0, text);
      return test(text);
    });
  }

  static bool Legal(const AssetInput& input, const std::string& text) {
    const std::vector<std::string> legal = absl::StrSplit(input.values, ' ');
    return std::find(legal.begin(), legal.end(), text) != legal.end();
  }
  void NoChoice(const AssetInput& input, const std::string& name) {
    in_.Refuse(40002, absl::StrCat(name, ": Not a valid choice; valid choices are ",
                                   absl::StrJoin(absl::StrSplit(input.values, ' '), ", "), "."));
  }

  const Account* const account_;
  const AssetKind& kind_;
  const int64_t now_;
  ParamReader& in_;
  std::vector<Rule> rules_;
  bool oldest_first_ = false;
};

void AppendAsset(const Account& account, const AssetKind& kind, const Asset& asset, int64_t now, uint64_t read,
                 const PageTwist& twist, std::string& out) {
  out += '{';
  bool first = true;
  for (const AssetField& field : kind.fields) {
    if (!field.shown) continue;
    absl::StrAppend(&out, first ? "" : ",", "\"", field.name, "\":");
    AppendAssetField(account, kind, asset, field, now, read, out);
    first = false;
  }
  if (twist.unknown_fields) out += ",\"field_of_tomorrow\":{\"a\":[1,\"x\"]}";
  out += '}';
}

}  // namespace

EndpointAnswer AnswerAssets(const DataSet& data_set, const AssetKind& kind, const Call& call, int64_t now,
                            uint64_t read, const PageTwist& twist) {
  ParamReader in(call.params);
  const Account* account = ReadAccount(in, data_set);
  AssetFilter filter(account, kind, now, in);
  filter.Read();
  const int64_t page = kind.paged ? in.Whole("page", 1, 1, INT32_MAX) : 1;
  const int64_t page_size = kind.paged ? in.Whole("page_size", kind.page_size, 1, kind.most_page_size) : INT32_MAX;
  if (kind.reach > 0 && page * page_size > kind.reach) {
    in.Refuse(40002, absl::StrCat("page: page * page_size must not be more than ", kind.reach, "."));
  }
  if (in.refusal()) return EndpointAnswer::Refuse(in.refusal()->code, in.refusal()->message);

  std::vector<Asset> found;
  for (const Asset& asset : AssetsOf(*account, kind, now)) {
    if (filter.Passes(asset)) found.push_back(asset);
  }
  if (filter.oldest_first()) std::reverse(found.begin(), found.end());
  const auto count = static_cast<int64_t>(found.size());
  std::string out = "{";
  const auto append = [&](int64_t i) {
    AppendAsset(*account, kind, found[static_cast<size_t>(i)], now, read, twist, out);
  };
  AppendPageRows(kind.rows_member, count, page, page_size, twist, append, out);
  if (kind.paged) {
    out += ',';
    AppendPageInfo(page, page_size, count, twist, out);
  }
  out += '}';
  return EndpointAnswer::Data(std::move(out));
}

}  // namespace tikhaul::simulator
