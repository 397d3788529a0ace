#include "common/model/row_batch.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"

namespace tikhaul {
namespace {

template <typename T>
void PutValue(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
void PutVector(const std::vector<T>& values, std::string* out) {
  PutValue<uint64_t>(values.size(), out);
  if (!values.empty()) out->append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// Reads what PutValue and PutVector wrote; false at the end of the bytes.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  bool Get(T* value) {
    if (bytes_.size() < sizeof(T)) return false;
    std::memcpy(value, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return true;
  }

  template <typename T>
  bool GetVector(T* values) {
    using Value = typename T::value_type;
    uint64_t count = 0;
    if (!Get(&count) || count > bytes_.size() / sizeof(Value)) return false;
    values->resize(count);
    if (count > 0) std::memcpy(values->data(), bytes_.data(), count * sizeof(Value));
    bytes_.remove_prefix(count * sizeof(Value));
    return true;
  }

  bool AtEnd() const { return bytes_.empty(); }

 private:
  absl::string_view bytes_;
};

// The years 0000 to 9999, the only ones that the forms of days and times can hold.
constexpr int64_t kFirstDay = -719'528, kLastDay = 2'932'896;

bool FitType(ColumnType type, const std::vector<int64_t>& numbers) {
  const auto all_within = [&numbers](int64_t lowest, int64_t highest) {
    return std::all_of(numbers.begin(), numbers.end(), [=](int64_t n) { return lowest <= n && n <= highest; });
  };
  switch (type) {
    case ColumnType::kBool:
      return all_within(0, 1);
    case ColumnType::kDate:
      return all_within(kFirstDay, kLastDay);
    case ColumnType::kTimestamp:
    case ColumnType::kLocalHour:
      return all_within(kFirstDay * 86400, kLastDay * 86400 + 86399);
    case ColumnType::kInt64:
    case ColumnType::kDecimal:
      return true;
    case ColumnType::kString:
    case ColumnType::kJson:
      break;
  }
  return false;  // text, or no type at all
}

}  // namespace

void Column::AppendValidity(bool has_value) {
  if (has_value && validity_.empty()) {
    ++size_;
    return;
  }
  if (validity_.empty()) {  // the first cell without a value: all before it had one
    validity_.assign(size_ / 8 + 1, 0xff);
  }
  if (size_ / 8 >= validity_.size()) validity_.push_back(0);
  const uint8_t bit = static_cast<uint8_t>(1u << (size_ & 7));
  if (has_value) {
    validity_[size_ >> 3] |= bit;
  } else {
    validity_[size_ >> 3] &= static_cast<uint8_t>(~bit);
  }
  ++size_;
}

void Column::AppendNull() {
  if (IsText(type_)) {
    offsets_.push_back(static_cast<uint32_t>(text_.size()));
  } else {
    numbers_.push_back(0);
  }
  AppendValidity(false);
}

void Column::AppendNumber(int64_t value) {
  numbers_.push_back(value);
  AppendValidity(true);
}

void Column::AppendText(absl::string_view value) {
  text_.append(value.data(), value.size());
  offsets_.push_back(static_cast<uint32_t>(text_.size()));
  AppendValidity(true);
}

bool Column::AppendDecimal(Decimal value) {
  if (value.scale > scale_) {
    const int64_t factor = PowerOfTen(value.scale - scale_);
    for (const int64_t number : numbers_) {
      int64_t ignored = 0;
      if (__builtin_mul_overflow(number, factor, &ignored)) return false;
    }
    for (int64_t& number : numbers_) number *= factor;
    scale_ = value.scale;
  }
  const std::optional<Decimal> scaled = Rescale(value, scale_);
  if (!scaled.has_value()) return false;
  AppendNumber(scaled->unscaled);
  return true;
}

absl::StatusOr<Column> Column::FromParts(ColumnType type, size_t rows, int scale, std::vector<uint8_t> validity,
                                         std::vector<int64_t> numbers, std::vector<uint32_t> lengths,
                                         std::string text) {
  Column column(type);
  if (!validity.empty() && validity.size() != (rows + 7) / 8)
    return absl::InvalidArgumentError("validity bits do not fit the row count");
  if (scale < 0 || scale > kMaxDecimalScale) return absl::InvalidArgumentError("scale out of range");
  if (IsText(type)) {
    if (lengths.size() != rows || !numbers.empty())
      return absl::InvalidArgumentError("text cells do not fit the row count");
    uint64_t end = 0;
    column.offsets_.reserve(rows + 1);
    for (const uint32_t length : lengths) {
      end += length;
      if (end > text.size()) return absl::InvalidArgumentError("text cells are longer than their data");
      column.offsets_.push_back(static_cast<uint32_t>(end));
    }
    if (end != text.size() || end > std::numeric_limits<uint32_t>::max())
      return absl::InvalidArgumentError("text data do not fit their lengths");
  } else if (numbers.size() != rows || !lengths.empty() || !text.empty()) {
    return absl::InvalidArgumentError("number cells do not fit the row count");
  } else if (!FitType(type, numbers)) {
    return absl::InvalidArgumentError(absl::StrCat("a cell holds a number that is not of type ", Name(type)));
  }
  column.size_ = rows;
  column.scale_ = scale;
  column.validity_ = std::move(validity);
  column.numbers_ = std::move(numbers);
  column.text_ = std::move(text);
  return column;
}

size_t RowBatch::ByteSize() const {
  size_t bytes = sizeof(RowBatch);
  for (const Column& column : columns) {
    bytes += sizeof(Column) + column.numbers().size() * sizeof(int64_t) + column.text().size() +
             column.offsets().size() * sizeof(uint32_t) + column.validity().size();
  }
  return bytes;
}

std::string EncodeRowBatch(const RowBatch& batch) {
  std::string bytes;
  bytes.reserve(batch.ByteSize() + 64);
  PutValue<uint64_t>(batch.rows, &bytes);
  PutValue<uint64_t>(batch.columns.size(), &bytes);
  for (const Column& column : batch.columns) {
    PutValue<uint8_t>(static_cast<uint8_t>(column.type()), &bytes);
    PutValue<int32_t>(column.scale(), &bytes);
    PutVector(column.validity(), &bytes);
    PutVector(column.numbers(), &bytes);
    std::vector<uint32_t> lengths;
    for (size_t i = 0; i + 1 < column.offsets().size(); ++i)
      lengths.push_back(column.offsets()[i + 1] - column.offsets()[i]);
    PutVector(lengths, &bytes);
    PutValue<uint64_t>(column.text().size(), &bytes);
    bytes.append(column.text());
  }
  return bytes;
}

absl::StatusOr<RowBatch> DecodeRowBatch(absl::string_view bytes) {
  const absl::Status broken = absl::DataLossError("a spooled row batch is damaged");
  Reader reader(bytes);
  RowBatch batch;
  uint64_t rows = 0, columns = 0;
  if (!reader.Get(&rows) || !reader.Get(&columns)) return broken;
  batch.rows = rows;
  for (uint64_t i = 0; i < columns; ++i) {
    uint8_t type = 0;
    int32_t scale = 0;
    std::vector<uint8_t> validity;
    std::vector<int64_t> numbers;
    std::vector<uint32_t> lengths;
    std::string text;
    if (!reader.Get(&type) || !reader.Get(&scale) || !reader.GetVector(&validity) || !reader.GetVector(&numbers) ||
        !reader.GetVector(&lengths) || !reader.GetVector(&text)) {
      return broken;
    }
    absl::StatusOr<Column> column = Column::FromParts(static_cast<ColumnType>(type), rows, scale, std::move(validity),
                                                      std::move(numbers), std::move(lengths), std::move(text));
    if (!column.ok()) return broken;
    batch.columns.push_back(*std::move(column));
  }
  if (!reader.AtEnd()) return broken;
  return batch;
}

}  // namespace tikhaul
