// Reads the parameters of a call; the first fault is kept and becomes the answer.
#ifndef TIKHAUL_SIMULATOR_PARAM_READER_H_
#define TIKHAUL_SIMULATOR_PARAM_READER_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "simulator/call.h"

namespace tikhaul::simulator {

// After the first fault all readers go on giving defaults. Not thread-safe. Borrows the parameters.
class ParamReader {
 public:
  explicit ParamReader(const std::map<std::string, std::string>& params) : params_(params) {}

  bool Has(absl::string_view name) const { return Raw(name) != nullptr; }
  // Empty when absent; refused when absent and required.
  std::string Text(absl::string_view name, bool required = false);
  // One of `allowed`.
  std::string OneOf(absl::string_view name, absl::string_view fallback,
                    std::initializer_list<absl::string_view> allowed);
  int64_t Whole(absl::string_view name, int64_t fallback, int64_t low, int64_t high);
  bool Flag(absl::string_view name, bool fallback);
  // JSON text of an array of strings.
  std::vector<std::string> TextList(absl::string_view name, bool required = false);
  // The parameter's text, or nullptr. An empty value counts as absent.
  const std::string* Raw(absl::string_view name) const;

  void Refuse(int code, std::string message);
  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  const std::map<std::string, std::string>& params_;
  std::optional<Refusal> refusal_;
};

// A JSON array of strings, or nothing.
std::optional<std::vector<std::string>> ParseTextList(absl::string_view json);
// Decimal digits only, at most 19 of them.
std::optional<uint64_t> ParseId(absl::string_view text);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_PARAM_READER_H_
