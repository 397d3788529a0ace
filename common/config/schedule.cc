// The shape of cron expressions. Their meaning is the scheduler's (coordinator/core/cron.h).
#include <iterator>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/config/values.h"

namespace tikhaul {
namespace {

struct CronField {
  absl::string_view name;
  int least;
  int most;
  absl::string_view words;  // names that may stand for numbers
};
constexpr CronField kFields[] = {{"minute", 0, 59, ""},
                                 {"hour", 0, 23, ""},
                                 {"day of month", 1, 31, ""},
                                 {"month", 1, 12, " jan feb mar apr may jun jul aug sep oct nov dec "},
                                 {"day of week", 0, 7, " sun mon tue wed thu fri sat "}};

bool IsValue(const CronField& field, absl::string_view text) {
  if (text.size() == 3) {
    return field.words.find(absl::StrCat(" ", absl::AsciiStrToLower(text), " ")) != absl::string_view::npos;
  }
  int value = 0;
  return !text.empty() && text.size() <= 2 && absl::ascii_isdigit(text[0]) && absl::SimpleAtoi(text, &value) &&
         value >= field.least && value <= field.most;
}

// "*", "5" or "1-5", each with or without "/2".
bool IsElement(const CronField& field, absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  int step = 0;
  if (parts.size() > 2) return false;
  if (parts.size() == 2 && (!absl::SimpleAtoi(parts[1], &step) || step < 1 || step > field.most)) return false;
  if (parts[0] == "*") return true;
  const std::vector<absl::string_view> ends = absl::StrSplit(parts[0], '-');
  if (ends.size() > 2) return false;
  for (const absl::string_view end : ends) {
    if (!IsValue(field, end)) return false;
  }
  return true;
}

bool IsField(const CronField& field, absl::string_view text) {
  for (const absl::string_view element : absl::StrSplit(text, ',')) {
    if (!IsElement(field, element)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> ParseSchedule(absl::string_view text) {
  const std::vector<absl::string_view> fields = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (fields.size() != std::size(kFields)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not a schedule: it has ", fields.size(),
                     " fields and needs five, in UTC: minute, hour, day of month, month, day "
                     "of week, such as \"0 13 * * *\""));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (IsField(kFields[i], fields[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not a schedule: \"", fields[i], "\" does not fit the ", kFields[i].name, " (",
                     kFields[i].least, " to ", kFields[i].most, ", with *, lists 1,2, ranges 1-5 and steps */2)"));
  }
  return std::string(text);
}

}  // namespace tikhaul
