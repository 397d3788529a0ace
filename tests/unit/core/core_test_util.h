// Short forms for days, intervals and windows in the tests of coordinator/core.
#ifndef TIKHAUL_TESTS_UNIT_CORE_CORE_TEST_UTIL_H_
#define TIKHAUL_TESTS_UNIT_CORE_CORE_TEST_UTIL_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/civil.h"
#include "common/model/chunk.h"

namespace tikhaul {

inline absl::CivilDay Day(absl::string_view text) { return ParseDay(text).value(); }
inline absl::TimeZone Zone(absl::string_view name) { return LoadZone(name).value(); }
inline Coverage Days(absl::string_view first, absl::string_view last) { return {Day(first), Day(last)}; }

// "2026-03-01 12:00:00" of UTC.
inline absl::Time Utc(absl::string_view text) {
  return absl::FromCivil(ParseCivilSecond(text).value(), absl::UTCTimeZone());
}

// "2026-01-01..2026-01-30" for each.
inline std::vector<std::string> Texts(const std::vector<Window>& windows) {
  std::vector<std::string> texts;
  for (const Window& window : windows) texts.push_back(FormatWindow(window));
  return texts;
}

inline void PrintTo(const Coverage& days, std::ostream* out) {
  *out << FormatDay(days.first) << ".." << FormatDay(days.last);
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_UNIT_CORE_CORE_TEST_UTIL_H_
