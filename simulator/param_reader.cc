#include "simulator/param_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tikhaul::simulator {

const std::string* ParamReader::Raw(absl::string_view name) const {
  const auto it = params_.find(std::string(name));
  return it == params_.end() || it->second.empty() ? nullptr : &it->second;
}

void ParamReader::Refuse(int code, std::string message) {
  if (!refusal_) refusal_ = Refusal{code, std::move(message)};
}

std::string ParamReader::Text(absl::string_view name, bool required) {
  const std::string* raw = Raw(name);
  if (raw != nullptr) return *raw;
  if (required) Refuse(40002, absl::StrCat(name, ": Missing data for required field."));
  return "";
}

std::string ParamReader::OneOf(absl::string_view name, absl::string_view fallback,
                               std::initializer_list<absl::string_view> allowed) {
  const std::string* raw = Raw(name);
  if (raw == nullptr) return std::string(fallback);
  if (std::find(allowed.begin(), allowed.end(), *raw) == allowed.end()) {
    Refuse(40002, absl::StrCat(name, ": Not a valid choice; valid choices are ", absl::StrJoin(allowed, ", "), "."));
  }
  return *raw;
}

int64_t ParamReader::Whole(absl::string_view name, int64_t fallback, int64_t low, int64_t high) {
  const std::string* raw = Raw(name);
  if (raw == nullptr) return fallback;
  int64_t value = 0;
  if (!absl::SimpleAtoi(*raw, &value) || absl::StrCat(value) != *raw) {
    Refuse(40002, absl::StrCat(name, ": Not a valid integer."));
    return fallback;
  }
  if (value < low || value > high) {
    Refuse(40002, absl::StrCat(name, ": Must be between ", low, " and ", high, "."));
    return fallback;
  }
  return value;
}

bool ParamReader::Flag(absl::string_view name, bool fallback) {
  const std::string* raw = Raw(name);
  if (raw == nullptr) return fallback;
  if (*raw != "true" && *raw != "false") Refuse(40002, absl::StrCat(name, ": Not a valid boolean."));
  return *raw == "true";
}

std::vector<std::string> ParamReader::TextList(absl::string_view name, bool required) {
  const std::string* raw = Raw(name);
  if (raw == nullptr) {
    if (required) Refuse(40002, absl::StrCat(name, ": Missing data for required field."));
    return {};
  }
  std::optional<std::vector<std::string>> list = ParseTextList(*raw);
  if (!list) {
    Refuse(40002, absl::StrCat(name, ": Not a valid list; send a JSON array of strings."));
    return {};
  }
  if (required && list->empty()) Refuse(40002, absl::StrCat(name, ": Shorter than minimum length 1."));
  return *std::move(list);
}

std::optional<std::vector<std::string>> ParseTextList(absl::string_view json) {
  const nlohmann::json parsed = nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
  if (!parsed.is_array()) return std::nullopt;
  std::vector<std::string> list;
  for (const nlohmann::json& element : parsed) {
    if (!element.is_string()) return std::nullopt;
    list.push_back(element.get<std::string>());
  }
  return list;
}

std::optional<uint64_t> ParseId(absl::string_view text) {
  uint64_t id = 0;
  if (text.empty() || text.size() > 19) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    id = id * 10 + static_cast<uint64_t>(c - '0');
  }
  return id;
}

}  // namespace tikhaul::simulator
