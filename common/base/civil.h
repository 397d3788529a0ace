// Civil days and the zones of ad accounts. Report days are the account's days (tiktok-api.md 4.4).
#ifndef TIKHAUL_COMMON_BASE_CIVIL_H_
#define TIKHAUL_COMMON_BASE_CIVIL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tikhaul {

// An IANA name; `Etc/GMT+8` has the POSIX sign and means UTC-8. INVALID_ARGUMENT for unknown names.
absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name);

absl::CivilDay DayIn(absl::TimeZone zone, absl::Time instant);
// First instant of the day (days may start at 01:00 where summer time begins at midnight).
absl::Time DayStart(absl::TimeZone zone, absl::CivilDay day);
inline absl::Time DayEnd(absl::TimeZone zone, absl::CivilDay day) { return DayStart(zone, day + 1); }

// YYYY-MM-DD, nothing else. INVALID_ARGUMENT for other forms and impossible days.
absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text);
std::string FormatDay(absl::CivilDay day);
// "YYYY-MM-DD HH:MM:SS" without a zone, as the API writes times. INVALID_ARGUMENT for other forms.
absl::StatusOr<absl::CivilSecond> ParseCivilSecond(absl::string_view text);
std::string FormatCivilSecond(absl::CivilSecond second);

// Days and seconds since 1970-01-01, for storage.
int64_t DayNumber(absl::CivilDay day);
absl::CivilDay DayFromNumber(int64_t number);
int64_t SecondNumber(absl::CivilSecond second);
absl::CivilSecond SecondFromNumber(int64_t number);

// Instant as "YYYY-MM-DDTHH:MM:SSZ".
std::string FormatInstant(absl::Time instant);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_CIVIL_H_
