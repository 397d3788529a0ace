#include "common/config/yaml_reader.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/catalog/catalog.h"

namespace tikhaul {
namespace {

int LineOf(const YAML::Node& node, int otherwise) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? otherwise : mark.line + 1;
}

std::string ChildLabel(const std::string& label, const std::string& key) {
  if (label.empty()) return key;
  return absl::StrCat(label, absl::EndsWith(label, "\"") ? ": " : ".", key);
}

std::string Place(const std::string& label) { return label.empty() ? "at the top level" : absl::StrCat("in ", label); }

}  // namespace

void ConfigProblems::Add(int line, absl::string_view message) {
  constexpr size_t kLongestMessage = 1000;  // messages repeat what stands in the file
  std::string text = absl::StrReplaceAll(message.substr(0, kLongestMessage), {{"\n", "\\n"}, {"\r", "\\r"}});
  if (message.size() > kLongestMessage) absl::StrAppend(&text, "...");
  problems_.emplace_back(line, std::move(text));
}

absl::Status ConfigProblems::ToStatus() const {
  if (problems_.empty()) return absl::OkStatus();
  std::vector<std::pair<int, std::string>> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return absl::InvalidArgumentError(
      absl::StrJoin(sorted, "\n", [this](std::string* out, const std::pair<int, std::string>& problem) {
        absl::StrAppend(out, file_, ":", problem.first, ": ", problem.second);
      }));
}

void YamlReader::Problem(const YamlValue& value, absl::string_view message) {
  problems_.Add(value.line, value.label.empty() ? std::string(message) : absl::StrCat(value.label, ": ", message));
}

void YamlReader::UnknownKey(const YamlValue& value, int line, const std::string& name, const std::vector<Key>& keys) {
  std::vector<std::string> known;
  for (const Key& key : keys) known.emplace_back(key.name);
  const std::string nearest = NearestWord(name, known);
  problems_.Add(line, absl::StrCat("unknown key \"", name, "\" ", Place(value.label),
                                   nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
}

std::map<std::string, int> YamlReader::Map(const YamlValue& value, const std::vector<Key>& keys,
                                           const std::vector<std::string>& needed) {
  std::map<std::string, int> lines;
  if (!value.node.IsMap()) {
    Problem(value, "expected keys with values");
    return lines;
  }
  for (const auto& entry : value.node) {
    const int line = LineOf(entry.first, value.line);
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& known) { return known.name == name; });
    if (key == keys.end()) {
      UnknownKey(value, line, name, keys);
    } else if (!lines.emplace(name, line).second) {
      problems_.Add(line, absl::StrCat("key \"", name, "\" stands twice ", Place(value.label)));
    } else {
      key->read({.node = entry.second, .line = line, .label = ChildLabel(value.label, name)});
    }
  }
  for (const std::string& name : needed) {
    if (lines.count(name) == 0) Problem(value, absl::StrCat(name, " is missing"));
  }
  return lines;
}

std::vector<YamlValue> YamlReader::List(const YamlValue& value) {
  if (!value.node.IsSequence()) {
    Problem(value, "expected a list");
    return {};
  }
  std::vector<YamlValue> elements;
  for (const auto& element : value.node) {
    elements.push_back({.node = element, .line = LineOf(element, value.line), .label = value.label});
  }
  return elements;
}

std::optional<std::string> YamlReader::Text(const YamlValue& value) {
  if (value.node.IsScalar() && !value.node.Scalar().empty()) return value.node.Scalar();
  Problem(value, value.node.IsScalar() || value.node.IsNull() ? "has no value" : "expected a single value");
  return std::nullopt;
}

}  // namespace tikhaul
