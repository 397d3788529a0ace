// Figures, times and texts as people read them.
#ifndef TIKHAUL_CLI_FORMAT_H_
#define TIKHAUL_CLI_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace tikhaul {

// 1234567 is "1,234,567".
std::string WithThousands(uint64_t number);
// The two largest units: "3 d 4 h", "2 h 5 min", "1 min 20 s", "45 s"; below a second "under 1 s".
std::string HumanDuration(absl::Duration duration);
// One digit after the point below 100, none above: "8.2", "3,210".
std::string HumanRate(double per_second);
// 0.421 is "42 %".
std::string HumanPercent(double share);
// "2026-06-15 12:00:05 UTC"; "-" for a time that is not set.
std::string HumanTime(const google::protobuf::Timestamp& time);
// "1 chunk", "2 chunks", "1,000 chunks".
std::string Counted(uint64_t number, absl::string_view singular);
// "first..last", "first", or "-" when both are empty.
std::string HumanDays(absl::string_view first, absl::string_view last);

// Without control characters (each becomes '?', line breaks and tabs a space) and without broken UTF-8, so that texts
// from outside cannot steer a terminal or break a table.
std::string Printable(absl::string_view text);
// Columns that valid UTF-8 takes on a terminal: wide characters two, combining ones none.
int DisplayWidth(absl::string_view text);
// `text` cut to at most `width` columns, with "..." where something was cut off.
std::string CutToWidth(absl::string_view text, int width);
// Filled with spaces up to `width` columns.
std::string PadRight(absl::string_view text, int width);
std::string PadLeft(absl::string_view text, int width);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_FORMAT_H_
