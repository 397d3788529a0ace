#include "worker/row_builder.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/wire/row_batch_wire.h"
#include "worker/cell_values.h"

namespace tikhaul {
namespace {

// 10^n needs between n * 3.321 and n * 3.322 bits.
int BitsOfScaleAtLeast(int scale) { return scale * 3321 / 1000; }
int BitsOfScaleAtMost(int scale) { return (scale * 3322 + 999) / 1000; }

int WholeBits(int64_t unscaled, int scale) {
  const uint64_t magnitude = unscaled < 0 ? 0 - static_cast<uint64_t>(unscaled) : static_cast<uint64_t>(unscaled);
  return std::max(0, static_cast<int>(std::bit_width(magnitude)) - BitsOfScaleAtLeast(scale));
}

void AppendMember(absl::string_view quoted_name, absl::string_view json, std::string* object) {
  object->push_back(object->empty() ? '{' : ',');
  absl::StrAppend(object, quoted_name, ":", json);
}

}  // namespace

absl::StatusOr<ColumnRule> RuleOf(const v1::ColumnPlan& plan) {
  ColumnRule rule;
  rule.name = plan.name();
  ASSIGN_OR_RETURN(rule.type, FromWire(plan.type()));
  rule.key = plan.key();
  rule.trim_end = plan.source() == v1::ColumnPlan::SOURCE_DIMENSION && plan.member() == "age";
  rule.dash_is_a_value = plan.source() == v1::ColumnPlan::SOURCE_FIELD && IsText(rule.type);
  return rule;
}

RowBuilder::RowBuilder(std::vector<ColumnRule> columns, DecoderOptions options)
    : columns_(std::move(columns)), options_(options), cells_(columns_.size()), values_(columns_.size()) {}

void RowBuilder::Begin(DecodedPage* page) {
  page_ = page;
  OpenBatch();
}

void RowBuilder::ResetRow() {
  std::fill(cells_.begin(), cells_.end(), JsonCell{});
  extra_.clear();
  raw_.clear();
}

void RowBuilder::AddUnknown(absl::string_view name, const JsonCell& cell) {
  AppendMember(cell.quoted_name, cell.token, &extra_);
  ++page_->unknown_fields[name];
}

absl::Status RowBuilder::CloseRow() {
  size_t row_bytes = extra_.size() + raw_.size();
  for (size_t i = 0; i < columns_.size(); ++i) {
    values_[i] = Convert(columns_[i], cells_[i]);
    row_bytes += sizeof(int64_t) + values_[i].text.size();
  }
  if (row_bytes > options_.max_row_bytes) {
    return absl::OutOfRangeError(absl::StrCat("a row of the answer holds ", row_bytes,
                                              " bytes; the most that can be sent is ", options_.max_row_bytes));
  }
  if (batch_.rows > 0 && (batch_bytes_ + row_bytes > options_.batch_bytes || !DecimalsFit())) CloseBatch();
  if (batch_.rows == 0) DecimalsFit();
  std::swap(room_, room_with_row_);
  for (size_t i = 0; i < columns_.size(); ++i) Append(i, values_[i]);
  AppendKept(&extra_);
  AppendKept(&raw_);
  ++batch_.rows;
  ++page_->rows;
  batch_bytes_ += row_bytes;
  return absl::OkStatus();
}

void RowBuilder::Finish() {
  if (batch_.rows > 0) page_->batches.push_back(std::move(batch_));
  batch_ = RowBatch{};
  page_ = nullptr;
}

RowBuilder::Value RowBuilder::Convert(const ColumnRule& rule, const JsonCell& cell) {
  if (cell.kind == JsonCell::kMissing || cell.token == "null") return {};
  if (cell.token == "\"-\"" && !rule.dash_is_a_value) return {};
  if (IsText(rule.type)) return ConvertText(rule, cell);
  if (cell.kind == JsonCell::kNested) return Unparsed(rule, cell);
  const absl::string_view text = cell.kind == JsonCell::kString ? cell.text : cell.token;
  if (text.empty()) return {};
  if (rule.type == ColumnType::kDecimal) return ConvertDecimal(rule, cell, text);
  const std::optional<int64_t> number = ParseNumberCell(rule.type, text);
  if (!number.has_value()) return Unparsed(rule, cell);
  return {Value::kNumber, 0, *number, {}};
}

RowBuilder::Value RowBuilder::ConvertText(const ColumnRule& rule, const JsonCell& cell) {
  if (rule.type == ColumnType::kJson) return {Value::kText, 0, 0, cell.token};
  if (cell.kind == JsonCell::kNested) return Unparsed(rule, cell);
  absl::string_view text = cell.kind == JsonCell::kString ? cell.text : cell.token;
  if (rule.trim_end) text = absl::StripTrailingAsciiWhitespace(text);
  return {Value::kText, 0, 0, text};
}

RowBuilder::Value RowBuilder::ConvertDecimal(const ColumnRule& rule, const JsonCell& cell, absl::string_view text) {
  const std::optional<Decimal> decimal = ParseDecimal(text);
  if (!decimal.has_value()) return Unparsed(rule, cell);
  if (ExceedsDouble(*decimal)) KeepOriginal(rule, cell);
  return {Value::kDecimal, decimal->scale, decimal->unscaled, {}};
}

RowBuilder::Value RowBuilder::Unparsed(const ColumnRule& rule, const JsonCell& cell) {
  KeepOriginal(rule, cell);
  ++page_->unparsed_values[rule.name];
  return {};
}

void RowBuilder::KeepOriginal(const ColumnRule& rule, const JsonCell& cell) {
  AppendMember(absl::StrCat("\"", rule.name, "\""), cell.token, &raw_);
}

bool RowBuilder::DecimalsFit() {
  bool fit = true;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].type != ColumnType::kDecimal) continue;
    room_with_row_[i] = room_[i];
    if (values_[i].kind != Value::kDecimal) continue;
    DecimalRoom& room = room_with_row_[i];
    room.whole_bits = std::max(room.whole_bits, WholeBits(values_[i].number, values_[i].scale));
    room.scale = std::max(room.scale, values_[i].scale);
    fit = fit && room.whole_bits + BitsOfScaleAtMost(room.scale) < 63;
  }
  return fit;
}

void RowBuilder::Append(size_t index, const Value& value) {
  Column& column = batch_.columns[index];
  switch (value.kind) {
    case Value::kNumber:
      return column.AppendNumber(value.number);
    case Value::kText:
      return column.AppendText(value.text);
    case Value::kDecimal:
      // Cannot fail: DecimalsFit() has made room, and an empty column takes any decimal.
      column.AppendDecimal(Decimal{value.number, value.scale});
      return;
    case Value::kNone:
      if (!columns_[index].key) return column.AppendNull();
      return IsText(column.type()) ? column.AppendText("") : column.AppendNumber(0);
  }
}

void RowBuilder::AppendKept(std::string* object) {
  Column& column = batch_.columns[columns_.size() + (object == &raw_ ? 1 : 0)];
  if (object->empty()) return column.AppendNull();
  object->push_back('}');
  column.AppendText(*object);
}

void RowBuilder::OpenBatch() {
  batch_ = RowBatch{};
  batch_.columns.reserve(columns_.size() + 2);
  for (const ColumnRule& rule : columns_) batch_.columns.emplace_back(rule.type);
  batch_.columns.emplace_back(ColumnType::kJson);  // _extra
  batch_.columns.emplace_back(ColumnType::kJson);  // _raw
  batch_bytes_ = 0;
  room_.assign(columns_.size(), {});
  room_with_row_.assign(columns_.size(), {});
}

void RowBuilder::CloseBatch() {
  page_->batches.push_back(std::move(batch_));
  OpenBatch();
}

}  // namespace tikhaul
