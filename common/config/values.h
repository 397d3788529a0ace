// The single values of tikhaul.yaml, from text. Pure. Failures are INVALID_ARGUMENT with a message that says what is
// right; the caller puts file, line and key before it.
#ifndef TIKHAUL_COMMON_CONFIG_VALUES_H_
#define TIKHAUL_COMMON_CONFIG_VALUES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

absl::StatusOr<bool> ParseYesNo(absl::string_view text);
// A parser of whole numbers of that range.
std::function<absl::StatusOr<uint64_t>(absl::string_view)> NumberBetween(uint64_t least, uint64_t most);
inline constexpr uint32_t kLongestLookBackDays = 400;
inline constexpr uint32_t kLongestBackfillDays = 7305;  // 20 years: longer than the API exists
// A parser of days ("3" or "3d") of that range.
std::function<absl::StatusOr<uint32_t>(absl::string_view)> DaysBetween(uint32_t least, uint32_t most);
struct LookBackSetting {
  uint32_t days = 0;  // 0 for "auto"
  bool is_auto = false;
};
// Days, 1 to 400, or "auto".
absl::StatusOr<LookBackSetting> ParseLookBack(absl::string_view text);
// Days: "730", "730d", "8w", "18mo", "2y" (a year is 365.25 days, a month a twelfth of it, rounded down), or "all": 0.
absl::StatusOr<uint32_t> ParseBackfill(absl::string_view text);
// Bytes: "67108864", "64MiB", "4GiB".
absl::StatusOr<uint64_t> ParseSize(absl::string_view text);
// The text itself when it looks like five fields of a cron expression. Whether it ever fires is for the scheduler to
// say.
absl::StatusOr<std::string> ParseSchedule(absl::string_view text);
absl::StatusOr<v1::WriteMode> ParseMode(absl::string_view text);
absl::StatusOr<v1::Asynchronous> ParseAsynchronous(absl::string_view text);
// Names of extracts and connections: letters, digits, "_", "-", ".".
absl::StatusOr<std::string> ParseName(absl::string_view text);
// Row tables: plain identifiers that are not ours.
absl::StatusOr<std::string> ParseTable(absl::string_view text);
absl::StatusOr<std::string> ParseAppId(absl::string_view text);
absl::StatusOr<std::string> ParseAdvertiserId(absl::string_view text);
absl::StatusOr<std::string> ParseTimezone(absl::string_view text);
absl::StatusOr<std::string> ParseCurrency(absl::string_view text);
absl::StatusOr<std::string> ParseDayText(absl::string_view text);
// The text as it is.
absl::StatusOr<std::string> AsIs(absl::string_view text);

// A rate level of TikTok's (tiktok-api.md 3.3).
struct QuotaTier {
  absl::string_view name;
  uint32_t per_second;
  uint32_t per_minute;
  uint32_t per_day;
};
// "basic", "second", "third", "fourth", or the names advanced, premium, ultimate of the last three.
absl::StatusOr<QuotaTier> ParseTier(absl::string_view text);

// The limits of single paths (tiktok-api.md 3.3; of the sandbox 2.4): the tier's own, `name` being the path.
absl::Span<const QuotaTier> EndpointQuotas(bool sandbox);

// A path below the base URL: "report/task/create/".
absl::StatusOr<std::string> ParseEndpoint(absl::string_view text);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CONFIG_VALUES_H_
