// Filling columns of rows that are there.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/json_members.h"
#include "common/base/status_macros.h"
#include "coordinator/store/sql/row_tables.h"
#include "tests/simulation/memory_rows.h"
#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

class Filler {
 public:
  Filler(MemoryState& state, const FillRequest& request, RowSource& source)
      : state_(state),
        request_(request),
        schema_(request.table),
        source_(source),
        not_after_(FormatInstant(request.not_after)) {}

  absl::StatusOr<FillCounts> Run() {
    RETURN_IF_ERROR(Check());
    ASSIGN_OR_RETURN(TableWriter writer, TableWriter::Open(state_, schema_));
    writer_.emplace(std::move(writer));
    ASSIGN_OR_RETURN(RowReader reader, RowReader::Make(schema_, source_, request_.constants));
    for (;;) {
      ASSIGN_OR_RETURN(const Row* const row, reader.Next());
      if (row == nullptr) break;
      ++counts_.rows;
      RETURN_IF_ERROR(FillRow(*row));
    }
    RETURN_IF_ERROR(FindVanished());
    counts_.distinct_keys = seen_.size();
    counts_.other_days.assign(other_days_.begin(), other_days_.end());
    return counts_;
  }

 private:
  absl::Status Check() {
    day_ = FindColumn(schema_, request_.scope.day_column);
    raw_ = FindColumn(schema_, kRawColumn);
    if (schema_.mode == WriteMode::kAppend || day_ < 0 || raw_ < 0 || FindColumn(schema_, kExtractedAtColumn) < 0) {
      return absl::InvalidArgumentError(absl::StrCat("columns of table ", schema_.name, " cannot be filled"));
    }
    for (const std::string& name : request_.columns) {
      const int column = FindColumn(schema_, name);
      if (column < 0 || schema_.columns[static_cast<size_t>(column)].key) {
        return absl::InvalidArgumentError(absl::StrCat("table ", schema_.name, " has no column ", name, " to fill"));
      }
    }
    return absl::OkStatus();
  }

  bool IsNewer(const Row& stored) const {
    return TextOf(CellOf(writer_->table(), stored, kExtractedAtColumn)) > not_after_;
  }

  absl::Status FillRow(const Row& row) {
    const Row key = writer_->KeyOf(row);
    seen_.insert(key);
    const Row* const stored = writer_->Find(row);
    if (stored == nullptr) return NoteDay(row[static_cast<size_t>(day_)]);
    Row filled = *stored;
    if (!IsNewer(*stored)) {
      const std::string raw =
          MergedRaw(TextOf(CellOf(writer_->table(), *stored, kRawColumn)), TextOf(row[static_cast<size_t>(raw_)]));
      filled[writer_->places()[static_cast<size_t>(raw_)]] = raw.empty() ? Value() : Value(raw);
      for (const std::string& name : request_.columns) {
        const size_t column = static_cast<size_t>(FindColumn(schema_, name));
        filled[writer_->places()[column]] = row[column];
      }
    }
    const bool same = filled == *stored;
    ++(same ? counts_.unchanged : counts_.updated);
    if (!same) writer_->Put(key, std::move(filled));
    return absl::OkStatus();
  }

  // What _raw keeps of other columns, and what the new cells of these columns were.
  std::string MergedRaw(absl::string_view before, absl::string_view brought) const {
    const auto is_filled = [&](absl::string_view name) {
      return std::find(request_.columns.begin(), request_.columns.end(), name) != request_.columns.end();
    };
    std::vector<JsonMember> members;
    const std::vector<JsonMember> none;
    for (const JsonMember& member : MembersOf(before).value_or(none)) {
      if (!is_filled(member.name)) members.push_back(member);
    }
    for (const JsonMember& member : MembersOf(brought).value_or(none)) {
      if (is_filled(member.name)) members.push_back(member);
    }
    return ObjectOf(members);
  }

  absl::Status FindVanished() {
    ASSIGN_OR_RETURN(const ScopeCheck scope, ScopeCheck::Make(schema_, writer_->table(), request_.scope));
    for (const auto& [key, row] : writer_->table().rows) {
      if (!scope.Holds(*row) || IsNewer(*row) || seen_.contains(key)) continue;
      RETURN_IF_ERROR(NoteDay((*row)[writer_->places()[static_cast<size_t>(day_)]]));
    }
    return absl::OkStatus();
  }

  absl::Status NoteDay(const Value& cell) {
    ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(TextOf(cell).substr(0, 10)));
    other_days_.insert(day);
    return absl::OkStatus();
  }

  MemoryState& state_;
  const FillRequest& request_;
  const TableSchema& schema_;
  RowSource& source_;
  const std::string not_after_;
  int day_ = -1, raw_ = -1;
  std::optional<TableWriter> writer_;
  std::set<Row> seen_;
  std::set<absl::CivilDay> other_days_;
  FillCounts counts_;
};

}  // namespace

absl::StatusOr<FillCounts> MemoryTransaction::FillRows(const FillRequest& request, RowSource& rows) {
  return Filler(state_, request, rows).Run();
}

}  // namespace tikhaul
