// Reading YAML by tables of known keys. Collects every problem with its line instead of stopping at the first.
#ifndef TIKHAUL_COMMON_CONFIG_YAML_READER_H_
#define TIKHAUL_COMMON_CONFIG_YAML_READER_H_

#include <yaml-cpp/yaml.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

// The problems of one file.
class ConfigProblems {
 public:
  explicit ConfigProblems(std::string file) : file_(std::move(file)) {}
  // `line` counts from 1.
  void Add(int line, absl::string_view message);
  bool empty() const { return problems_.empty(); }
  // OK, or INVALID_ARGUMENT with one line per problem in the order of the file: "tikhaul.yaml:12: ...".
  absl::Status ToStatus() const;

 private:
  std::string file_;
  std::vector<std::pair<int, std::string>> problems_;
};

// A value, the line of its key (of an element: its own), and what messages call it: `quota.per_second`.
struct YamlValue {
  YAML::Node node;
  int line = 0;
  std::string label;
};

// Not thread-safe. Borrows the problems.
class YamlReader {
 public:
  using Handler = std::function<void(const YamlValue&)>;
  struct Key {
    absl::string_view name;
    Handler read;
  };

  explicit YamlReader(ConfigProblems& problems) : problems_(problems) {}

  // Calls the handlers of the keys that are there, in the order of the file. Unknown keys, keys that stand twice,
  // values that are no mappings are problems, and so are `needed` keys that are missing. Returns the lines of the known
  // keys.
  std::map<std::string, int> Map(const YamlValue& value, const std::vector<Key>& keys,
                                 const std::vector<std::string>& needed = {});
  // The elements of a list; empty, and a problem, when it is none.
  std::vector<YamlValue> List(const YamlValue& value);
  // The exact text of a scalar, quoted or not; a problem when it is none or empty.
  std::optional<std::string> Text(const YamlValue& value);
  // "label: message" at the value's line.
  void Problem(const YamlValue& value, absl::string_view message);

  // A handler that reads a scalar with `parse` (text to StatusOr) and gives the result to `set`.
  template <typename Parse, typename Set>
  Handler Into(Parse parse, Set set) {
    return [this, parse, set](const YamlValue& value) {
      const std::optional<std::string> text = Text(value);
      if (!text.has_value()) return;
      auto parsed = parse(*text);
      if (parsed.ok()) {
        set(*std::move(parsed));
      } else {
        Problem(value, parsed.status().message());
      }
    };
  }

 private:
  void UnknownKey(const YamlValue& value, int line, const std::string& name, const std::vector<Key>& keys);

  ConfigProblems& problems_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CONFIG_YAML_READER_H_
