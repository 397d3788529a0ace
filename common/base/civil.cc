#include "common/base/civil.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tikhaul {
namespace {

// Reads exactly `digits` decimal digits at `at`; -1 when there are other characters.
int Digits(absl::string_view text, size_t at, size_t digits) {
  int value = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

absl::Status BadDay(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a day; write it as YYYY-MM-DD"));
}

}  // namespace

absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name) {
  absl::TimeZone zone;
  if (name.empty() || !absl::LoadTimeZone(name, &zone)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", name, "\" is not a time zone this machine knows (an IANA name such as Europe/London; package tzdata)"));
  }
  return zone;
}

absl::CivilDay DayIn(absl::TimeZone zone, absl::Time instant) { return absl::ToCivilDay(instant, zone); }

absl::Time DayStart(absl::TimeZone zone, absl::CivilDay day) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day));
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

absl::StatusOr<absl::CivilDay> ParseDay(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return BadDay(text);
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  if (year < 0 || month < 1 || day < 1) return BadDay(text);
  const absl::CivilDay result(year, month, day);
  if (result.month() != month || result.day() != day) return BadDay(text);  // civil days wrap over
  return result;
}

std::string FormatDay(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

absl::StatusOr<absl::CivilSecond> ParseCivilSecond(absl::string_view text) {
  const absl::Status bad =
      absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a time of the form YYYY-MM-DD HH:MM:SS"));
  if (text.size() != 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return bad;
  const absl::StatusOr<absl::CivilDay> day = ParseDay(text.substr(0, 10));
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2), second = Digits(text, 17, 2);
  if (!day.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return bad;
  return absl::CivilSecond(day->year(), day->month(), day->day(), hour, minute, second);
}

std::string FormatCivilSecond(absl::CivilSecond second) {
  return absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d", second.year(), second.month(), second.day(), second.hour(),
                         second.minute(), second.second());
}

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }
absl::CivilDay DayFromNumber(int64_t number) { return absl::CivilDay(1970, 1, 1) + number; }
int64_t SecondNumber(absl::CivilSecond second) { return second - absl::CivilSecond(1970, 1, 1); }
absl::CivilSecond SecondFromNumber(int64_t number) { return absl::CivilSecond(1970, 1, 1) + number; }

std::string FormatInstant(absl::Time instant) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", instant, absl::UTCTimeZone());
}

}  // namespace tikhaul
