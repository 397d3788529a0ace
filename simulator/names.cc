#include "simulator/names.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "simulator/hash.h"

namespace tikhaul::simulator {
namespace {

constexpr absl::string_view kThemes[] = {
    "Spring sale",        "Brand lift",          "Retargeting",        "夏のセール",
    "Prospecting, broad", "\"Best of\" 2024",    "Café & Crème",       "New arrivals 🎉",
    "Возвращение",        "Back to school",      "Line one\nline two", "Lookalike 1%",
    "双十一 大促",        "Traffic; test\tA/B",  "Always on",          "عرض خاص",
    "C:\\feed\\ads",      "50% off, today only", "O'Brien's",          "👩‍👩‍👧 family",
};
constexpr absl::string_view kTexts[] = {
    "Try it today",
    "Made for you ✨",
    "He said \"wow\", twice",
    "今だけ 送料無料",
    "Free delivery,\nno strings attached",
    "Nur für kurze Zeit: 20 % Rabatt",
    "",
    "100% cotton / 0% worry",
};
constexpr absl::string_view kHex = "0123456789abcdef";

absl::string_view LevelWord(Level level) {
  switch (level) {
    case kCampaign:
      return "Campaign";
    case kAdGroup:
      return "Ad group";
    default:
      return "Ad";
  }
}

void AppendEscaped(unsigned char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

}  // namespace

std::string ObjectName(Level level, uint64_t seed, uint32_t number) {
  return absl::StrCat(kThemes[Mix(seed, 0x6e61) % std::size(kThemes)], " ", LevelWord(level), " ", number + 1);
}

absl::string_view AdText(uint64_t seed) { return kTexts[Mix(seed, 0x7478) % std::size(kTexts)]; }

void AppendJsonString(absl::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) {
      AppendEscaped(static_cast<unsigned char>(c), out);
    } else {
      out += c;
    }
  }
  out += '"';
}

absl::string_view Pick(absl::string_view alternatives, uint64_t index) {
  constexpr absl::string_view kBetween = " | ";
  uint64_t count = 1;
  for (size_t at = alternatives.find(kBetween); at != absl::string_view::npos;
       at = alternatives.find(kBetween, at + 3)) {
    ++count;
  }
  for (index %= count; index > 0; --index) alternatives.remove_prefix(alternatives.find(kBetween) + kBetween.size());
  return alternatives.substr(0, alternatives.find(kBetween));
}

}  // namespace tikhaul::simulator
