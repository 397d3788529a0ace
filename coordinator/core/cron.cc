#include "coordinator/core/cron.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

struct Field {
  absl::string_view name;
  int lowest;
  int highest;
  absl::string_view names;  // three letters each, the first stands for `named_from`
  int named_from;
};

constexpr Field kMinute{"minute", 0, 59, "", 0};
constexpr Field kHour{"hour", 0, 23, "", 0};
constexpr Field kDay{"day of month", 1, 31, "", 0};
constexpr Field kMonth{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", 1};
constexpr Field kWeekday{"day of week", 0, 7, "sunmontuewedthufrisat", 0};

// The rarest day there can be is a 29 February that must also be a Sunday ("29 2 */7"): 40 years apart around 2100.
constexpr int kLongestWaitDays = 366 * 41;

absl::Status BadField(const Field& field, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a ", field.name,
                                                 " of a schedule: write *, numbers from ", field.lowest, " to ",
                                                 field.highest, ", ranges such as ", field.lowest, "-", field.highest,
                                                 ", steps such as */2, or a list of "
                                                 "those with commas"));
}

std::optional<int> ValueOf(const Field& field, absl::string_view text) {
  int value = 0;
  if (!text.empty() && absl::ascii_isdigit(text[0]) && text.size() <= 2 && absl::SimpleAtoi(text, &value)) {
    if (value < field.lowest || value > field.highest) return std::nullopt;
    return value;
  }
  if (text.size() != 3) return std::nullopt;
  const std::string lower = absl::AsciiStrToLower(text);
  for (size_t at = 0; at < field.names.size(); at += 3) {
    if (field.names.substr(at, 3) == lower) return field.named_from + static_cast<int>(at / 3);
  }
  return std::nullopt;
}

// One element of a list: "*", "5", "1-5", each with or without "/step". Nothing when it is none of those.
std::optional<uint64_t> ParseElement(const Field& field, absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  int step = 1;
  if (parts.size() > 2 ||
      (parts.size() == 2 &&
       (!absl::SimpleAtoi(parts[1], &step) || !absl::ascii_isdigit(parts[1][0]) || step < 1 || step > field.highest))) {
    return std::nullopt;
  }
  std::optional<int> first = field.lowest, last = field.highest;
  if (parts[0] != "*") {
    const std::vector<absl::string_view> ends = absl::StrSplit(parts[0], '-');
    if (ends.size() > 2) return std::nullopt;
    first = ValueOf(field, ends[0]);
    if (ends.size() == 2) {
      last = ValueOf(field, ends[1]);
    } else if (parts.size() == 1) {
      last = first;
    }
  }
  if (!first.has_value() || !last.has_value() || *first > *last) return std::nullopt;
  uint64_t bits = 0;
  for (int value = *first; value <= *last; value += step) bits |= uint64_t{1} << value;
  return bits;
}

absl::StatusOr<uint64_t> ParseField(const Field& field, absl::string_view text) {
  uint64_t bits = 0;
  for (const absl::string_view element : absl::StrSplit(text, ',')) {
    const std::optional<uint64_t> some = ParseElement(field, element);
    if (!some.has_value()) return BadField(field, text);
    bits |= *some;
  }
  return bits;
}

bool Has(uint64_t bits, int value) { return ((bits >> value) & 1) != 0; }

// The least value from `from` on; -1 when there is none.
int NextBit(uint64_t bits, int from) {
  for (int value = from; value < 64; ++value) {
    if (Has(bits, value)) return value;
  }
  return -1;
}

}  // namespace

bool Cron::MatchesDay(absl::CivilDay day) const {
  if (!Has(months_, day.month())) return false;
  const int weekday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;  // absl begins with Monday
  const bool by_day = Has(days_, day.day()), by_weekday = Has(weekdays_, weekday);
  return days_restricted_ && weekdays_restricted_ ? by_day || by_weekday : by_day && by_weekday;
}

absl::Time Cron::Next(absl::Time after) const {
  const absl::CivilMinute from = absl::ToCivilMinute(after, absl::UTCTimeZone()) + 1;
  absl::CivilDay day(from);
  int hour = from.hour(), minute = from.minute();
  for (int waited = 0; waited <= kLongestWaitDays; ++waited, ++day, hour = 0, minute = 0) {
    if (!MatchesDay(day)) continue;
    int at_minute = NextBit(minutes_, minute);
    const int at_hour = NextBit(hours_, at_minute < 0 ? hour + 1 : hour);
    if (at_hour < 0) continue;
    if (at_hour != hour) at_minute = NextBit(minutes_, 0);
    return absl::FromCivil(absl::CivilMinute(day.year(), day.month(), day.day(), at_hour, at_minute),
                           absl::UTCTimeZone());
  }
  return absl::InfiniteFuture();
}

absl::StatusOr<Cron> ParseCron(absl::string_view text) {
  const std::vector<absl::string_view> fields = absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() != 5) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text,
                                                   "\" is not a schedule: write five fields, minute hour "
                                                   "day-of-month month day-of-week, such as \"15 5 * * *\" (UTC)"));
  }
  Cron cron;
  ASSIGN_OR_RETURN(cron.minutes_, ParseField(kMinute, fields[0]));
  ASSIGN_OR_RETURN(cron.hours_, ParseField(kHour, fields[1]));
  ASSIGN_OR_RETURN(cron.days_, ParseField(kDay, fields[2]));
  ASSIGN_OR_RETURN(cron.months_, ParseField(kMonth, fields[3]));
  ASSIGN_OR_RETURN(cron.weekdays_, ParseField(kWeekday, fields[4]));
  if (Has(cron.weekdays_, 7)) cron.weekdays_ |= 1;
  cron.days_restricted_ = fields[2][0] != '*';
  cron.weekdays_restricted_ = fields[4][0] != '*';
  if (cron.Next(absl::UnixEpoch()) == absl::InfiniteFuture()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the schedule \"", text, "\" never fires: no month of it has such a day"));
  }
  return cron;
}

}  // namespace tikhaul
