#include "tests/simulation/memory_rows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "coordinator/store/sql/row_tables.h"
#include "coordinator/store/sqlite/row_encoder.h"

namespace tikhaul {
namespace {

bool IsReal(ColumnType type) { return type == ColumnType::kDecimal; }
bool IsInteger(ColumnType type) { return type == ColumnType::kInt64 || type == ColumnType::kBool; }

// A cell without a value: of a key '' or 0, else nothing.
Value EmptyValue(const ShapedColumn& column) {
  if (!column.key) return {};
  if (IsReal(column.type)) return 0.0;
  if (IsInteger(column.type)) return int64_t{0};
  return std::string();
}

Value NumberValue(ColumnType type, int64_t number) {
  if (IsInteger(type)) return number;
  return FormatTimeCell(type, number);
}

Value ConstantValue(const ShapedColumn& column) {
  if (column.text.has_value()) return *column.text;
  return column.number.has_value() ? NumberValue(column.type, *column.number) : EmptyValue(column);
}

Value CellAt(const ShapedColumn& column, const RowBatch& batch, size_t row) {
  const Column& cells = batch.columns[static_cast<size_t>(column.source)];
  if (!cells.HasValue(row)) return EmptyValue(column);
  if (IsText(column.type)) return std::string(cells.Text(row));
  if (IsReal(column.type)) return NearestDouble(cells.DecimalAt(row));
  return NumberValue(column.type, cells.Number(row));
}

}  // namespace

absl::StatusOr<RowReader> RowReader::Make(const TableSchema& table, RowSource& source,
                                          const std::vector<ConstantCell>& constants) {
  ASSIGN_OR_RETURN(RowShape shape, RowShape::Make(table, source.columns(), constants));
  RowReader reader(std::move(shape), source);
  for (const ShapedColumn& column : reader.shape_.columns()) reader.row_.push_back(ConstantValue(column));
  return reader;
}

absl::StatusOr<const Row*> RowReader::Next() {
  while (batch_ == nullptr || at_ == batch_->rows) {
    ASSIGN_OR_RETURN(batch_, source_->Next());
    if (batch_ == nullptr) return nullptr;
    RETURN_IF_ERROR(shape_.CheckBatch(*batch_));
    at_ = 0;
  }
  for (size_t i = 0; i < row_.size(); ++i) {
    const ShapedColumn& column = shape_.columns()[i];
    if (column.source >= 0) row_[i] = CellAt(column, *batch_, at_);
  }
  ++at_;
  return &row_;
}

absl::string_view TextOf(const Value& value) {
  const std::string* const text = std::get_if<std::string>(&value);
  return text == nullptr ? absl::string_view() : *text;
}

Value InstantValue(absl::Time time) { return FormatInstant(time); }

const Value& CellOf(const MemoryTable& table, const Row& row, absl::string_view column) {
  static const Value kNothing;
  const int index = table.Find(column);
  return index < 0 || static_cast<size_t>(index) >= row.size() ? kNothing : row[static_cast<size_t>(index)];
}

absl::StatusOr<ScopeCheck> ScopeCheck::Make(const TableSchema& schema, const MemoryTable& stored,
                                            const RowScope& scope) {
  ScopeCheck check;
  if (FindColumn(schema, kAdvertiserColumn) < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", schema.name, " has no column ", kAdvertiserColumn));
  }
  check.advertiser_ = scope.advertiser;
  check.advertiser_column_ = static_cast<size_t>(stored.Find(kAdvertiserColumn));
  if (scope.day_column.empty()) return check;
  const int day = FindColumn(schema, scope.day_column);
  const ColumnType type = day < 0 ? ColumnType::kString : schema.columns[static_cast<size_t>(day)].type;
  absl::string_view before, after;
  if (type == ColumnType::kLocalHour) {
    before = " 00:00:00";
    after = " 23:59:59";
  } else if (type == ColumnType::kTimestamp) {
    before = "T00:00:00Z";
    after = "T23:59:59Z";
  } else if (type != ColumnType::kDate) {
    return absl::InvalidArgumentError(
        absl::StrCat("table ", schema.name, " has no day or time column ", scope.day_column));
  }
  check.day_column_ = stored.Find(scope.day_column);
  check.from_ = absl::StrCat(FormatDay(scope.first), before);
  check.to_ = absl::StrCat(FormatDay(scope.last), after);
  return check;
}

bool ScopeCheck::Holds(const Row& row) const {
  if (TextOf(row[advertiser_column_]) != advertiser_) return false;
  if (day_column_ < 0) return true;
  const absl::string_view day = TextOf(row[static_cast<size_t>(day_column_)]);
  return from_ <= day && day <= to_;
}

absl::StatusOr<TableWriter> TableWriter::Open(MemoryState& state, const TableSchema& schema) {
  if (!state.tables->contains(schema.name)) {
    return absl::FailedPreconditionError(absl::StrCat("there is no table ", schema.name));
  }
  auto& tables = state.tables.Edit();
  MemoryTable& table = tables[schema.name].Edit();
  TableWriter writer(table, table.keeps_history ? &tables[HistoryTableName(schema.name)].Edit() : nullptr);
  ASSIGN_OR_RETURN(writer.key_, KeyOrder(schema));
  for (const TableColumn& column : schema.columns) {
    const int place = table.Find(column.name);
    if (place < 0) return absl::InvalidArgumentError(absl::StrCat("table ", schema.name, " lacks ", column.name));
    writer.places_.push_back(static_cast<size_t>(place));
  }
  return writer;
}

Row TableWriter::KeyOf(const Row& schema_row) const {
  Row key;
  for (const size_t i : key_) key.push_back(schema_row[i]);
  return key;
}

const Row* TableWriter::Find(const Row& schema_row) const {
  const auto found = table_->rows.find(KeyOf(schema_row));
  return found == table_->rows.end() ? nullptr : found->second.get();
}

void TableWriter::Put(const Row& schema_row) {
  const Row* const old = Find(schema_row);
  Row row = old != nullptr ? *old : Row(table_->columns.size());
  row.resize(table_->columns.size());
  for (size_t i = 0; i < schema_row.size(); ++i) row[places_[i]] = schema_row[i];
  Put(KeyOf(schema_row), std::move(row));
}

void TableWriter::Put(const Row& key, Row row) {
  std::shared_ptr<const Row>& stored = table_->rows[key];
  const std::shared_ptr<const Row> old = stored;
  stored = std::make_shared<const Row>(std::move(row));
  if (history_ != nullptr) KeepVersion(old.get(), *stored);
}

void TableWriter::KeepVersion(const Row* old, const Row& row) {
  if (old == nullptr) return BeginVersion(row);
  const Value &gone = CellOf(*table_, row, kGoneAtColumn), &was_gone = CellOf(*table_, *old, kGoneAtColumn);
  const Value kNothing;
  if (gone != kNothing && was_gone == kNothing) return EndVersions(row, gone);
  const bool changed = std::any_of(table_->versioned.begin(), table_->versioned.end(),
                                   [&](size_t i) { return (i < old->size() ? (*old)[i] : kNothing) != row[i]; });
  if (gone != kNothing || (was_gone == kNothing && !changed)) return;
  EndVersions(row, CellOf(*table_, row, kExtractedAtColumn));
  BeginVersion(row);
}

void TableWriter::BeginVersion(const Row& row) {
  Row version(history_->columns.size());
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    const int place = history_->Find(table_->columns[i]);
    if (place >= 0) version[static_cast<size_t>(place)] = row[i];
  }
  version[static_cast<size_t>(history_->Find(kValidFromColumn))] = CellOf(*table_, row, kExtractedAtColumn);
  Row key;
  for (const std::string& name : history_->key) key.push_back(CellOf(*history_, version, name));
  history_->rows[key] = std::make_shared<const Row>(std::move(version));
}

void TableWriter::EndVersions(const Row& row, const Value& at) {
  const size_t valid_to = static_cast<size_t>(history_->Find(kValidToColumn));
  for (auto& [key, version] : history_->rows) {
    const bool same = std::all_of(table_->key.begin(), table_->key.end(), [&](const std::string& name) {
      return CellOf(*history_, *version, name) == CellOf(*table_, row, name);
    });
    if (!same || (*version)[valid_to] != Value()) continue;
    Row ended = *version;
    ended[valid_to] = at;
    version = std::make_shared<const Row>(std::move(ended));
  }
}

}  // namespace tikhaul
