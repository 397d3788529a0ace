#include "coordinator/store/postgres/copy_encoder.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/civil.h"
#include "common/base/decimal.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";
constexpr absl::string_view kNull = "\\N";

// How many bytes the UTF-8 character at the front has; 0 when there is none.
size_t CharacterLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool fits = tail(1) && tail(2) && (first != 0xe0 || second >= 0xa0) && (first != 0xed || second < 0xa0);
    return fits ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool fits =
        tail(1) && tail(2) && tail(3) && (first != 0xf0 || second >= 0x90) && (first != 0xf4 || second < 0x90);
    return fits ? 4 : 0;
  }
  return 0;
}

// Appends clean text with the escapes of COPY.
void AppendEscaped(absl::string_view text, std::string& out) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c > 0 && c != '\\'; };
  while (!text.empty()) {
    const size_t run = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), plain) - text.begin());
    out.append(text.data(), run);
    text.remove_prefix(run);
    if (text.empty()) return;
    size_t length = CharacterLength(text);
    switch (text[0]) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        absl::StrAppend(&out, length > 0 ? text.substr(0, length) : kReplacement);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
}

// The number of a "\uXXXX" at the front; -1 when there is none.
int EscapedUnit(absl::string_view text) {
  if (text.size() < 6 || !absl::StartsWith(text, "\\u")) return -1;
  const std::string digits(text.substr(2, 4));
  char* end = nullptr;
  const long unit = std::strtol(digits.c_str(), &end, 16);
  return *end == 0 ? static_cast<int>(unit) : -1;
}

}  // namespace

std::string PgTimeText(ColumnType type, int64_t number) {
  constexpr absl::string_view kBeforeChrist = " BC";  // PostgreSQL has no year 0
  const absl::CivilSecond time =
      type == ColumnType::kDate ? absl::CivilSecond(DayFromNumber(number)) : SecondFromNumber(number);
  if (time.year() > 0) return FormatTimeCell(type, number);
  const std::string day = absl::StrFormat("%04d-%02d-%02d", 1 - time.year(), time.month(), time.day());
  if (type == ColumnType::kDate) return absl::StrCat(day, kBeforeChrist);
  return absl::StrCat(day, absl::StrFormat(" %02d:%02d:%02d", time.hour(), time.minute(), time.second()),
                      type == ColumnType::kTimestamp ? "Z" : "", kBeforeChrist);
}

void AppendCleanText(absl::string_view text, std::string& out) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    absl::StrAppend(&out, length > 0 ? text.substr(0, length) : kReplacement);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
}

std::string CleanJson(absl::string_view json) {
  std::string out;
  size_t plain = 0;
  for (size_t i = 0; i + 1 < json.size(); ++i) {
    if (json[i] != '\\') continue;
    const int unit = EscapedUnit(json.substr(i));
    const bool high = unit >= 0xd800 && unit < 0xdc00, low = unit >= 0xdc00 && unit < 0xe000;
    const int next = high ? EscapedUnit(json.substr(i + 6)) : -1;
    if (high && next >= 0xdc00 && next < 0xe000) {
      i += 11;
    } else if (unit == 0 || high || low) {
      absl::StrAppend(&out, json.substr(plain, i - plain), "\\ufffd");
      i += 5;
      plain = i + 1;
    } else {
      ++i;
    }
  }
  absl::StrAppend(&out, json.substr(plain));
  return out;
}

absl::string_view EmptyKeyText(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
      return "";
    case ColumnType::kJson:
      return "null";
    case ColumnType::kDate:
    case ColumnType::kTimestamp:
    case ColumnType::kLocalHour:
      return "-infinity";
    case ColumnType::kBool:
      return "f";
    default:
      return "0";
  }
}

CopyEncoder::CopyEncoder(const RowShape& shape, bool numbered) : shape_(shape), numbered_(numbered) {
  for (const ShapedColumn& column : shape.columns()) {
    std::string text(column.key ? EmptyKeyText(column.type) : kNull);
    if (column.text.has_value()) {
      text.clear();
      AppendEscaped(column.type == ColumnType::kJson ? CleanJson(*column.text) : *column.text, text);
    } else if (column.number.has_value()) {
      const bool whole = column.type == ColumnType::kInt64 || column.type == ColumnType::kBool;
      text = whole ? absl::StrCat(*column.number) : PgTimeText(column.type, *column.number);
    }
    fixed_.push_back(std::move(text));
  }
}

void CopyEncoder::AppendCell(const ShapedColumn& column, const Column& cells, size_t row, std::string& out) const {
  if (!cells.HasValue(row)) {
    absl::StrAppend(&out, column.key ? EmptyKeyText(column.type) : kNull);
    return;
  }
  switch (column.type) {
    case ColumnType::kString:
      return AppendEscaped(cells.Text(row), out);
    case ColumnType::kJson:
      if (cells.Text(row).find("\\u") == absl::string_view::npos) return AppendEscaped(cells.Text(row), out);
      return AppendEscaped(CleanJson(cells.Text(row)), out);
    case ColumnType::kDecimal:
      absl::StrAppend(&out, FormatDecimal(cells.DecimalAt(row)));
      return;
    case ColumnType::kInt64:
    case ColumnType::kBool:
      absl::StrAppend(&out, cells.Number(row));
      return;
    default:
      absl::StrAppend(&out, PgTimeText(column.type, cells.Number(row)));
  }
}

void CopyEncoder::Append(const RowBatch& batch, std::string& out) {
  const std::vector<ShapedColumn>& columns = shape_.columns();
  for (size_t row = 0; row < batch.rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out.push_back('\t');
      if (columns[i].source < 0) {
        out += fixed_[i];
      } else {
        AppendCell(columns[i], batch.columns[static_cast<size_t>(columns[i].source)], row, out);
      }
    }
    ++rows_;
    if (numbered_) absl::StrAppend(&out, "\t", rows_);
    out.push_back('\n');
  }
}

}  // namespace tikhaul
