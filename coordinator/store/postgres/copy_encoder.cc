#include "coordinator/store/postgres/copy_encoder.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/civil.h"
#include "common/base/decimal.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";

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
    const auto run =
        static_cast<size_t>(std::find_if(text.begin(), text.end(), [](char c) { return c <= 0; }) - text.begin());
    out.append(text.data(), run);
    text.remove_prefix(run);
    if (text.empty()) return;
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

namespace {

template <typename T>
char* PutBig(T value, char* out) {
  for (size_t i = 0; i < sizeof(T); ++i)
    out[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
  return out + sizeof(T);
}

template <typename T>
void AppendFixed(T value, std::string& out) {
  char cell[4 + sizeof(T)];
  PutBig(value, PutBig(static_cast<int32_t>(sizeof(T)), cell));
  out.append(cell, sizeof(cell));
}

void AppendNull(std::string& out) { out.append("\xff\xff\xff\xff", 4); }

// `write` appends the cell, whose length is put before it.
template <typename Write>
void AppendSized(std::string& out, Write write) {
  const size_t before = out.size();
  out.append(4, '\0');
  write();
  PutBig(static_cast<int32_t>(out.size() - before - 4), &out[before]);
}

void AppendText(absl::string_view text, std::string& out) {
  AppendSized(out, [&] { AppendCleanText(text, out); });
}

void AppendJson(absl::string_view json, std::string& out) {
  AppendSized(out, [&] {
    out.push_back(1);  // the version of jsonb's form
    AppendCleanText(absl::StrContains(json, "\\u") ? CleanJson(json) : json, out);
  });
}

// Groups of four digits to both sides of the point, the highest first.
void AppendDecimal(Decimal value, std::string& out) {
  constexpr int kMostGroups = 6;
  constexpr int16_t kNegative = 0x4000;
  const bool negative = value.unscaled < 0;
  uint64_t rest = negative ? 0 - static_cast<uint64_t>(value.unscaled) : static_cast<uint64_t>(value.unscaled);
  const int groups_behind = (value.scale + 3) / 4, lacking = groups_behind * 4 - value.scale;
  int16_t groups[kMostGroups];
  int first = kMostGroups, end = kMostGroups;
  // The last group behind the point may lack digits.
  const auto last = static_cast<uint64_t>(PowerOfTen(4 - lacking));
  groups[--first] = static_cast<int16_t>(rest % last * static_cast<uint64_t>(PowerOfTen(lacking)));
  for (rest /= last; rest > 0; rest /= 10'000) groups[--first] = static_cast<int16_t>(rest % 10'000);
  const int weight = kMostGroups - first - 1 - groups_behind;
  while (end > first && groups[end - 1] == 0) --end;
  char cell[12 + 2 * kMostGroups];
  char* at = PutBig(static_cast<int32_t>(8 + 2 * (end - first)), cell);
  at = PutBig(static_cast<int16_t>(end - first), at);
  at = PutBig(static_cast<int16_t>(weight), at);
  at = PutBig(negative ? kNegative : int16_t{0}, at);
  at = PutBig(static_cast<int16_t>(value.scale), at);
  for (int i = first; i < end; ++i) at = PutBig(groups[i], at);
  out.append(cell, static_cast<size_t>(at - cell));
}

constexpr int64_t kDaysTo2000 = 10'957;  // the server counts days and instants from there
constexpr int64_t kSecondsPerDay = 86'400, kMicrosPerSecond = 1'000'000;

void AppendNumber(ColumnType type, int64_t number, std::string& out) {
  switch (type) {
    case ColumnType::kBool:
      return AppendFixed(static_cast<int8_t>(number), out);
    case ColumnType::kDate:
      return AppendFixed(static_cast<int32_t>(number - kDaysTo2000), out);
    case ColumnType::kTimestamp:
    case ColumnType::kLocalHour:
      return AppendFixed((number - kDaysTo2000 * kSecondsPerDay) * kMicrosPerSecond, out);
    default:
      return AppendFixed(number, out);
  }
}

// Keys are never null.
void AppendEmptyKey(ColumnType type, std::string& out) {
  switch (type) {
    case ColumnType::kString:
      return AppendText("", out);
    case ColumnType::kJson:
      return AppendJson("null", out);
    case ColumnType::kDecimal:
      return AppendDecimal({}, out);
    case ColumnType::kDate:  // -infinity
      return AppendFixed(std::numeric_limits<int32_t>::min(), out);
    case ColumnType::kTimestamp:
    case ColumnType::kLocalHour:
      return AppendFixed(std::numeric_limits<int64_t>::min(), out);
    case ColumnType::kBool:
    case ColumnType::kInt64:
      return AppendNumber(type, 0, out);
  }
}

void AppendCell(const ShapedColumn& column, const Column& cells, size_t row, std::string& out) {
  if (!cells.HasValue(row)) return column.key ? AppendEmptyKey(column.type, out) : AppendNull(out);
  switch (column.type) {
    case ColumnType::kString:
      return AppendText(cells.Text(row), out);
    case ColumnType::kJson:
      return AppendJson(cells.Text(row), out);
    case ColumnType::kDecimal:
      return AppendDecimal(cells.DecimalAt(row), out);
    default:
      return AppendNumber(column.type, cells.Number(row), out);
  }
}

std::string FixedCell(const ShapedColumn& column) {
  std::string cell;
  if (column.text.has_value()) {
    column.type == ColumnType::kJson ? AppendJson(*column.text, cell) : AppendText(*column.text, cell);
  } else if (column.number.has_value()) {
    AppendNumber(column.type, *column.number, cell);
  } else {
    column.key ? AppendEmptyKey(column.type, cell) : AppendNull(cell);
  }
  return cell;
}

}  // namespace

CopyEncoder::CopyEncoder(const RowShape& shape, bool numbered) : shape_(shape), numbered_(numbered) {
  for (const ShapedColumn& column : shape.columns()) fixed_.push_back(FixedCell(column));
}

void CopyEncoder::Begin(std::string& out) {
  constexpr char kSignature[] = "PGCOPY\n\xff\r\n";  // with the zero behind it; then no flags and no extension
  out.append(kSignature, sizeof(kSignature)).append(8, '\0');
}

void CopyEncoder::Append(const RowBatch& batch, std::string& out) {
  const std::vector<ShapedColumn>& columns = shape_.columns();
  char count[2];
  PutBig(static_cast<int16_t>(columns.size() + (numbered_ ? 1 : 0)), count);
  for (size_t row = 0; row < batch.rows; ++row) {
    out.append(count, sizeof(count));
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].source < 0) {
        out += fixed_[i];
      } else {
        AppendCell(columns[i], batch.columns[static_cast<size_t>(columns[i].source)], row, out);
      }
    }
    ++rows_;
    if (numbered_) AppendNumber(ColumnType::kInt64, static_cast<int64_t>(rows_), out);
  }
}

void CopyEncoder::End(std::string& out) { out.append("\xff\xff", 2); }

}  // namespace tikhaul
