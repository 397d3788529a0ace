#include "cli/format.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tikhaul {
namespace {

struct CodePoint {
  char32_t value = 0;
  size_t bytes = 0;  // 0: not valid UTF-8
};

CodePoint DecodeFirst(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return {};
  char32_t value = byte(0) & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  static constexpr char32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLowest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length};
}

struct Range {
  char32_t first, last;
};

// Good enough for names in tables: the blocks that terminals draw with no or with two columns.
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr Range kDoubleWidth[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xAC00, 0xD7A3},
                                  {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6},
                                  {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <size_t N>
bool Contains(const Range (&ranges)[N], char32_t value) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [value](const Range& range) { return range.first <= value && value <= range.last; });
}

int WidthOf(char32_t value) {
  if (Contains(kZeroWidth, value)) return 0;
  return Contains(kDoubleWidth, value) ? 2 : 1;
}

bool IsControl(char32_t value) {
  const bool moves_text = value >= 0x202A && value <= 0x202E;  // writing direction overrides
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || moves_text || (value >= 0x2066 && value <= 0x2069);
}

}  // namespace

std::string WithThousands(uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string HumanDuration(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration + absl::Milliseconds(500));
  if (seconds < 1) return "under 1 s";
  struct Unit {
    int64_t seconds;
    absl::string_view name;
  };
  static constexpr Unit kUnits[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  for (size_t i = 0; i < std::size(kUnits); ++i) {
    if (seconds < kUnits[i].seconds) continue;
    std::string text = absl::StrCat(seconds / kUnits[i].seconds, " ", kUnits[i].name);
    const int64_t rest = seconds % kUnits[i].seconds;
    if (i + 1 < std::size(kUnits) && rest >= kUnits[i + 1].seconds) {
      absl::StrAppend(&text, " ", rest / kUnits[i + 1].seconds, " ", kUnits[i + 1].name);
    }
    return text;
  }
  return "under 1 s";
}

std::string HumanRate(double per_second) {
  if (!(per_second > 0)) return "0";
  if (per_second < 99.95) return absl::StrFormat("%.1f", per_second);
  return WithThousands(static_cast<uint64_t>(std::llround(std::min(per_second, 1e15))));
}

std::string HumanPercent(double share) {
  return absl::StrFormat("%d %%", static_cast<int>(std::lround(std::clamp(share, 0.0, 100.0) * 100)));
}

std::string HumanTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

std::string Counted(uint64_t number, absl::string_view singular) {
  return absl::StrCat(WithThousands(number), " ", singular, number == 1 ? "" : "s");
}

std::string HumanDays(absl::string_view first, absl::string_view last) {
  if (first.empty() && last.empty()) return "-";
  return first == last ? std::string(first) : absl::StrCat(first, "..", last);
}

std::string Printable(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = DecodeFirst(text);
    const size_t bytes = std::max<size_t>(point.bytes, 1);
    if (point.bytes != 0 && (point.value == '\n' || point.value == '\t' || point.value == '\r')) {
      clean += ' ';
    } else if (point.bytes == 0 || IsControl(point.value)) {
      clean += '?';
    } else {
      clean.append(text.data(), bytes);
    }
    text.remove_prefix(bytes);
  }
  return clean;
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint point = DecodeFirst(text);
    width += point.bytes == 0 ? 1 : WidthOf(point.value);
    text.remove_prefix(std::max<size_t>(point.bytes, 1));
  }
  return width;
}

std::string CutToWidth(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  const int dots = std::clamp(width, 0, 3);
  std::string cut;
  int used = 0;
  while (!text.empty()) {
    const CodePoint point = DecodeFirst(text);
    const size_t bytes = std::max<size_t>(point.bytes, 1);
    const int columns = point.bytes == 0 ? 1 : WidthOf(point.value);
    if (used + columns > width - dots) break;
    cut.append(text.data(), bytes);
    used += columns;
    text.remove_prefix(bytes);
  }
  return cut.append(static_cast<size_t>(dots), '.');
}

std::string PadRight(absl::string_view text, int width) {
  const int missing = std::max(0, width - DisplayWidth(text));
  return absl::StrCat(text, std::string(static_cast<size_t>(missing), ' '));
}

std::string PadLeft(absl::string_view text, int width) {
  const int missing = std::max(0, width - DisplayWidth(text));
  return absl::StrCat(std::string(static_cast<size_t>(missing), ' '), text);
}

}  // namespace tikhaul
