// Bringing rows into tables: settling, filling, finality.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/civil.h"
#include "common/base/json_members.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/store/sql/change_tally.h"
#include "coordinator/store/sql/row_tables.h"
#include "tests/simulation/memory_rows.h"
#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

// Counts what a read changes of days that were read before (change_tally.h). Rows are in the order of the schema.
class Changes {
 public:
  Changes(const SettleRequest& request, const std::vector<size_t>& key)
      : tally_(request, key),
        day_(static_cast<size_t>(FindColumn(request.table, request.scope.day_column))),
        raw_(FindColumn(request.table, kRawColumn)) {}

  // Either may be null.
  void Note(const Row* before, const Row* after) {
    ChangeTally::Day* const day = tally_.FindDay(TextOf((before != nullptr ? *before : *after)[day_]));
    if (day == nullptr) return;
    const bool differs = Compare(before, after, *day);
    if (before == nullptr) ++day->counts.inserted;
    if (after == nullptr) ++day->counts.removed;
    if (before != nullptr && after != nullptr && differs) ++day->counts.updated;
  }

  std::vector<DayChange> Result() const { return tally_.Result(); }

 private:
  bool HasRaw(const Row* row) const {
    return row != nullptr && raw_ >= 0 && (*row)[static_cast<size_t>(raw_)] != Value();
  }

  DecimalSum NumberOf(const ChangeMetric& metric, const Row* row) const {
    if (row == nullptr) return DecimalSum();
    const Value& cell = (*row)[metric.column];
    if (const auto* whole = std::get_if<int64_t>(&cell)) return DecimalSum(Decimal{*whole, 0});
    const auto* real = std::get_if<double>(&cell);
    if (real == nullptr) return DecimalSum();
    std::optional<Decimal> number;
    const std::vector<JsonMember> none;
    for (const JsonMember& member :
         MembersOf(HasRaw(row) ? TextOf((*row)[static_cast<size_t>(raw_)]) : "").value_or(none)) {
      absl::string_view text = member.value;
      if (absl::ConsumePrefix(&text, "\"")) absl::ConsumeSuffix(&text, "\"");
      if (member.name == metric.name) number = ParseDecimal(text);
    }
    if (!number.has_value()) number = ParseDecimal(absl::StrFormat("%.15g", *real));
    if (number.has_value()) return DecimalSum(*number);
    DecimalSum unknown;
    unknown.Spoil();
    return unknown;
  }

  bool Compare(const Row* before, const Row* after, ChangeTally::Day& day) {
    const bool exact = HasRaw(before) || HasRaw(after);
    bool differs = false;
    for (size_t i = 0; i < tally_.metrics().size(); ++i) {
      const ChangeMetric& metric = tally_.metrics()[i];
      const Value was_cell = before != nullptr ? (*before)[metric.column] : Value();
      const bool same = was_cell == (after != nullptr ? (*after)[metric.column] : Value());
      if (same && (!exact || !metric.number)) continue;
      DecimalSum was, is;
      if (metric.number) {
        was = NumberOf(metric, before);
        is = NumberOf(metric, after);
      }
      if (same && (is - was).IsZero()) continue;
      differs = true;
      ChangeTally::Add(day, i, was, is, before != nullptr && was_cell == Value());
    }
    return differs;
  }

  ChangeTally tally_;
  const size_t day_;
  const int raw_;
};

class Settler {
 public:
  Settler(MemoryState& state, const SettleRequest& request, RowSource& source)
      : state_(state), request_(request), schema_(request.table), source_(source) {}

  absl::StatusOr<SettleCounts> Run() {
    RETURN_IF_ERROR(Prepare());
    for (;;) {
      ASSIGN_OR_RETURN(const Row* const row, reader_->Next());
      if (row == nullptr) break;
      ++counts_.rows;
      PutRow(*row);
    }
    if (compares()) RETURN_IF_ERROR(SettleVanished());
    if (changes_.has_value()) counts_.changes = changes_->Result();
    return counts_;
  }

 private:
  enum class Fate { kUnseen, kUnchanged, kUpdated, kInserted };
  struct Known {
    Fate fate = Fate::kUnseen;
    std::shared_ptr<const Row> row;  // of the scope, as it was
  };

  bool compares() const { return schema_.mode != WriteMode::kAppend; }

  absl::Status Prepare() {
    ASSIGN_OR_RETURN(TableWriter writer, TableWriter::Open(state_, schema_));
    writer_.emplace(std::move(writer));
    ASSIGN_OR_RETURN(const std::vector<size_t> key, KeyOrder(schema_));
    content_ = ContentColumns(schema_, key);
    for (const TableColumn& column : schema_.columns) has_volatile_ = has_volatile_ || column.is_volatile;
    vanished_ = schema_.mode == WriteMode::kReplace ? Vanished::kRemove : request_.vanished;
    if (compares()) RETURN_IF_ERROR(ReadScope());
    if (ChangeTally::Wanted(request_)) changes_.emplace(request_, key);
    ASSIGN_OR_RETURN(RowReader reader, RowReader::Make(schema_, source_, request_.constants));
    reader_.emplace(std::move(reader));
    return absl::OkStatus();
  }

  absl::Status ReadScope() {
    ASSIGN_OR_RETURN(const ScopeCheck scope, ScopeCheck::Make(schema_, writer_->table(), request_.scope));
    if (vanished_ == Vanished::kMarkGone && FindColumn(schema_, kGoneAtColumn) < 0) {
      return absl::InvalidArgumentError(absl::StrCat("table ", schema_.name, " has no column ", kGoneAtColumn));
    }
    for (const auto& [key, row] : writer_->table().rows) {
      if (scope.Holds(*row)) known_[key] = {Fate::kUnseen, row};
    }
    return absl::OkStatus();
  }

  // A row of the table, in the order of the schema.
  Row InSchema(const Row& stored) const {
    Row row;
    for (const size_t place : writer_->places()) row.push_back(place < stored.size() ? stored[place] : Value());
    return row;
  }

  bool SameContent(const Row& stored, const Row& row) const {
    return std::all_of(content_.begin(), content_.end(), [&](size_t i) {
      const size_t place = writer_->places()[i];
      return (place < stored.size() ? stored[place] : Value()) == row[i];
    });
  }

  void PutRow(const Row& row) {
    const auto [entry, is_new] = known_.try_emplace(writer_->KeyOf(row), Known{Fate::kInserted, nullptr});
    Known& known = entry->second;
    if (is_new) {
      ++counts_.distinct_keys;
      const bool there = writer_->Find(row) != nullptr;  // outside the scope
      ++(there ? counts_.updated : counts_.inserted);
      if (there) known.fate = Fate::kUpdated;
      return Write(row);
    }
    const bool same = (known.fate == Fate::kUnseen || known.fate == Fate::kUnchanged) && SameContent(*known.row, row);
    if (known.fate == Fate::kUnseen) {
      ++counts_.distinct_keys;
      ++(same ? counts_.unchanged : counts_.updated);
      known.fate = same ? Fate::kUnchanged : Fate::kUpdated;
    } else if (known.fate == Fate::kUnchanged && !same) {  // the later row of a key counts
      --counts_.unchanged;
      ++counts_.updated;
      known.fate = Fate::kUpdated;
    }
    if (!same || has_volatile_) Write(row);
  }

  void Write(const Row& row) {
    if (changes_.has_value()) {
      const Row* const stored = writer_->Find(row);
      const Row before = stored == nullptr ? Row() : InSchema(*stored);
      changes_->Note(stored == nullptr ? nullptr : &before, &row);
    }
    writer_->Put(row);
  }

  absl::Status SettleVanished() {
    if (vanished_ == Vanished::kKeep) return absl::OkStatus();
    const int gone = writer_->table().Find(kGoneAtColumn);
    for (const auto& [key, known] : known_) {
      if (known.fate != Fate::kUnseen) continue;
      if (vanished_ == Vanished::kRemove) {
        const Row before = InSchema(*known.row);
        if (changes_.has_value()) changes_->Note(&before, nullptr);
        writer_->Remove(key);
        ++counts_.removed;
        continue;
      }
      Row row = *known.row;
      row.resize(writer_->table().columns.size());
      if (row[static_cast<size_t>(gone)] != Value()) continue;
      ASSIGN_OR_RETURN(row[static_cast<size_t>(gone)], ReadAt());
      writer_->Put(key, std::move(row));
      ++counts_.removed;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Value> ReadAt() const {
    for (const ConstantCell& constant : request_.constants) {
      if (constant.column == kExtractedAtColumn && constant.number.has_value())
        return Value(FormatTimeCell(ColumnType::kTimestamp, *constant.number));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("table ", schema_.name, ": marking rows gone needs the constant ", kExtractedAtColumn));
  }

  MemoryState& state_;
  const SettleRequest& request_;
  const TableSchema& schema_;
  RowSource& source_;
  Vanished vanished_ = Vanished::kKeep;
  std::vector<size_t> content_;
  bool has_volatile_ = false;
  std::optional<TableWriter> writer_;
  std::optional<RowReader> reader_;
  std::optional<Changes> changes_;
  std::map<Row, Known> known_;  // by key
  SettleCounts counts_;
};

}  // namespace

absl::StatusOr<SettleCounts> MemoryTransaction::SettleRows(const SettleRequest& request, RowSource& rows) {
  return Settler(state_, request, rows).Run();
}

absl::Status MemoryTransaction::SetFinality(const TableSchema& schema, const RowScope& scope, Finality finality) {
  ASSIGN_OR_RETURN(TableWriter writer, TableWriter::Open(state_, schema));
  ASSIGN_OR_RETURN(const ScopeCheck check, ScopeCheck::Make(schema, writer.table(), scope));
  const int column = writer.table().Find(kFinalityColumn);
  if (column < 0) {
    return absl::InvalidArgumentError(absl::StrCat("table ", schema.name, " has no column ", kFinalityColumn));
  }
  const auto rows = writer.table().rows;
  for (const auto& [key, row] : rows) {
    if (!check.Holds(*row)) continue;
    Row changed = *row;
    changed[static_cast<size_t>(column)] = std::string(Name(finality));
    writer.Put(key, std::move(changed));
  }
  return absl::OkStatus();
}

}  // namespace tikhaul
