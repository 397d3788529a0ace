#include "common/config/values.h"

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/catalog/catalog.h"

namespace tikhaul {
namespace {

constexpr size_t kLongestName = 63;

absl::Status Refuse(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" ", what));
}

// Digits only, so that neither signs nor blanks pass.
bool ReadNumber(absl::string_view text, uint64_t* number) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && absl::SimpleAtoi(text, number);
}

// A number and the unit behind it.
bool ReadWithUnit(absl::string_view text, uint64_t* number, absl::string_view* unit) {
  const size_t digits = std::find_if_not(text.begin(), text.end(), absl::ascii_isdigit) - text.begin();
  *unit = text.substr(digits);
  return ReadNumber(text.substr(0, digits), number);
}

struct Unit {
  absl::string_view name;
  uint64_t times;
  uint64_t per;  // value = number * times / per
};

const Unit* FindUnit(absl::Span<const Unit> units, absl::string_view name) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : &*found;
}

bool IsMadeOf(absl::string_view text, absl::string_view also) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains(also, absl::string_view(&c, 1));
  });
}

}  // namespace

absl::StatusOr<std::string> AsIs(absl::string_view text) { return std::string(text); }

absl::StatusOr<bool> ParseYesNo(absl::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return Refuse(text, "is neither true nor false");
}

std::function<absl::StatusOr<uint64_t>(absl::string_view)> NumberBetween(uint64_t least, uint64_t most) {
  return [=](absl::string_view text) -> absl::StatusOr<uint64_t> {
    uint64_t number = 0;
    if (ReadNumber(text, &number) && number >= least && number <= most) return number;
    return Refuse(text, absl::StrCat("is not a whole number from ", least, " to ", most));
  };
}

std::function<absl::StatusOr<uint32_t>(absl::string_view)> DaysBetween(uint32_t least, uint32_t most) {
  return [=](absl::string_view text) -> absl::StatusOr<uint32_t> {
    uint64_t days = 0;
    absl::string_view unit;
    if (ReadWithUnit(text, &days, &unit) && (unit.empty() || unit == "d") && days >= least && days <= most) {
      return static_cast<uint32_t>(days);
    }
    return Refuse(text, absl::StrCat("is not a number of days from ", least, " to ", most, ", such as ",
                                     std::max(least, 3u), " or ", std::max(least, 3u), "d"));
  };
}

absl::StatusOr<LookBackSetting> ParseLookBack(absl::string_view text) {
  if (text == "auto") return LookBackSetting{.is_auto = true};
  ASSIGN_OR_RETURN(const uint32_t days, DaysBetween(1, kLongestLookBackDays)(text));
  return LookBackSetting{.days = days};
}

absl::StatusOr<uint32_t> ParseBackfill(absl::string_view text) {
  static constexpr Unit kUnits[] = {{"", 1, 1}, {"d", 1, 1}, {"w", 7, 1}, {"mo", 1461, 48}, {"y", 1461, 4}};
  if (text == "all") return 0;
  uint64_t number = 0;
  absl::string_view name;
  const Unit* unit = ReadWithUnit(text, &number, &name) ? FindUnit(kUnits, name) : nullptr;
  if (unit != nullptr && number >= 1 && number <= kLongestBackfillDays) {
    const uint64_t days = number * unit->times / unit->per;
    if (days <= kLongestBackfillDays) return static_cast<uint32_t>(days);
  }
  return Refuse(text, "is not a depth of history: write 730d, 8w, 18mo, 2y (at most 20y), or all");
}

absl::StatusOr<uint64_t> ParseSize(absl::string_view text) {
  static constexpr Unit kUnits[] = {
      {"", 1, 1}, {"KiB", 1 << 10, 1}, {"MiB", 1 << 20, 1}, {"GiB", 1 << 30, 1}, {"TiB", uint64_t{1} << 40, 1}};
  uint64_t number = 0;
  absl::string_view name;
  const Unit* unit = ReadWithUnit(text, &number, &name) ? FindUnit(kUnits, name) : nullptr;
  constexpr uint64_t kMost = uint64_t{1} << 50;
  if (unit == nullptr || number > kMost / unit->times) {
    return Refuse(text, "is not a size: write bytes, or a number with KiB, MiB, GiB or TiB, such as 64MiB");
  }
  if (number * unit->times < (1 << 20)) return Refuse(text, "is too small: at least 1MiB is needed");
  return number * unit->times;
}

absl::StatusOr<v1::WriteMode> ParseMode(absl::string_view text) {
  if (text == "merge") return v1::WRITE_MODE_MERGE;
  if (text == "append") return v1::WRITE_MODE_APPEND;
  if (text == "replace") return v1::WRITE_MODE_REPLACE;
  return Refuse(text, "is not a mode: it is merge, append or replace");
}

absl::StatusOr<v1::Asynchronous> ParseAsynchronous(absl::string_view text) {
  if (text == "auto") return v1::ASYNCHRONOUS_AUTO;
  if (text == "never") return v1::ASYNCHRONOUS_NEVER;
  if (text == "always") return v1::ASYNCHRONOUS_ALWAYS;
  return Refuse(text, "is neither auto nor never nor always");
}

absl::StatusOr<std::string> ParseName(absl::string_view text) {
  if (text.size() <= kLongestName && absl::ascii_isalnum(text[0]) && IsMadeOf(text, "_-.")) return std::string(text);
  return Refuse(text, absl::StrCat("is not a name: at most ", kLongestName,
                                   " letters, digits, \"_\", \"-\" and \".\", a letter or digit first"));
}

absl::StatusOr<std::string> ParseTable(absl::string_view text) {
  const bool lower = std::none_of(text.begin(), text.end(), absl::ascii_isupper);
  if (text.size() > kLongestName || !lower || !IsMadeOf(text, "_") || absl::ascii_isdigit(text[0])) {
    return Refuse(text, absl::StrCat("is not a table name: at most ", kLongestName,
                                     " lower-case letters, digits and \"_\", a letter first"));
  }
  for (const absl::string_view prefix : {"_", "tikhaul_", "sqlite_"}) {
    if (absl::StartsWith(text, prefix))
      return Refuse(text, absl::StrCat("is not a table name: names in ", prefix, " are taken"));
  }
  return std::string(text);
}

absl::StatusOr<std::string> ParseAppId(absl::string_view text) {
  if (text.size() <= kLongestName && IsMadeOf(text, "_-")) return std::string(text);
  return Refuse(text, "is not an app id: copy it from your app's page in TikTok's developer portal");
}

absl::StatusOr<std::string> ParseAdvertiserId(absl::string_view text) {
  if (text.size() <= 20 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return std::string(text);
  return Refuse(text, "is not an advertiser id: digits only, as in TikTok Ads Manager's address line");
}

absl::StatusOr<std::string> ParseTimezone(absl::string_view text) {
  if (LoadZone(text).ok()) return std::string(text);
  return Refuse(text, "is not a time zone: write an IANA name such as Europe/London");
}

absl::StatusOr<std::string> ParseCurrency(absl::string_view text) {
  if (text.size() == 3 && std::all_of(text.begin(), text.end(), absl::ascii_isupper)) return std::string(text);
  return Refuse(text, "is not a currency: write an ISO 4217 code such as GBP");
}

absl::StatusOr<std::string> ParseDayText(absl::string_view text) {
  if (ParseDay(text).ok()) return std::string(text);
  return Refuse(text, "is not a day: write YYYY-MM-DD");
}

absl::StatusOr<QuotaTier> ParseTier(absl::string_view text) {
  static constexpr QuotaTier kTiers[] = {{"basic", 10, 600, 864000},
                                         {"second", 20, 1200, 1728000},
                                         {"third", 30, 1800, 2592000},
                                         {"fourth", 50, 3000, 4320000}};
  static constexpr absl::string_view kOtherNames[] = {"basic", "advanced", "premium", "ultimate"};
  std::vector<std::string> names;
  for (size_t i = 0; i < std::size(kTiers); ++i) {
    if (text == kTiers[i].name || text == kOtherNames[i]) return kTiers[i];
    names.emplace_back(kTiers[i].name);
    names.emplace_back(kOtherNames[i]);
  }
  const std::string nearest = NearestWord(text, names);
  return Refuse(text,
                absl::StrCat("is not a tier: it is basic, second (advanced), third (premium) or fourth (ultimate)",
                             nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
}

absl::Span<const QuotaTier> EndpointQuotas(bool sandbox) {
  // report/task/create/: of the figures that the sheet names, the lower second. gmv_max/report/get/: those of Basic, as
  // higher ones are not known.
  static constexpr QuotaTier kProduction[] = {{"gmv_max/report/get/", 8, 240, 20000},
                                              {"report/task/create/", 1, 60, 4500}};
  static constexpr QuotaTier kSandbox[] = {
      {"ad/get/", 1, 30, 1000},       {"adgroup/get/", 1, 30, 1000},           {"campaign/get/", 1, 30, 1000},
      {"identity/get/", 1, 30, 1000}, {"report/integrated/get/", 1, 30, 1000}, {"user/info/", 1, 30, 1000}};
  return sandbox ? absl::Span<const QuotaTier>(kSandbox) : absl::Span<const QuotaTier>(kProduction);
}

absl::StatusOr<std::string> ParseEndpoint(absl::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '/' || c == '.';
  });
  if (plain && text.size() > 1 && text.front() != '/' && text.back() == '/') return std::string(text);
  return Refuse(text, "is not a path of the API: write it below the version, as report/task/create/");
}

}  // namespace tikhaul
