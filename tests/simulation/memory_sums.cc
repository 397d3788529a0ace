// Adding up what row tables hold, and holding tables against each other.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/civil.h"
#include "common/base/json_members.h"
#include "common/base/status_macros.h"
#include "coordinator/store/sql/row_tables.h"
#include "tests/simulation/memory_rows.h"
#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

std::string AsText(const Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return absl::StrCat(*whole);
  if (const auto* real = std::get_if<double>(&value)) return absl::StrFormat("%.15g", *real);
  return std::string(TextOf(value));
}

// The text that _raw keeps of the column; nothing when there is none.
std::optional<std::string> KeptText(absl::string_view raw, absl::string_view column) {
  const std::vector<JsonMember> none;
  for (const JsonMember& member : MembersOf(raw).value_or(none)) {
    if (member.name != column) continue;
    absl::string_view text = member.value;
    if (absl::ConsumePrefix(&text, "\"")) absl::ConsumeSuffix(&text, "\"");
    return std::string(text);
  }
  return std::nullopt;
}

std::optional<Decimal> DecimalOf(const Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return Decimal{*whole, 0};
  if (const auto* real = std::get_if<double>(&value)) return ParseDecimal(absl::StrFormat("%.15g", *real));
  return std::nullopt;
}

}  // namespace

absl::Status MemoryReader::SumRows(const SumRequest& request, absl::FunctionRef<absl::Status(const RowSums&)> take) {
  RETURN_IF_ERROR(CheckSumRequest(request));
  const auto found = state_.tables->find(request.table.name);
  if (found == state_.tables->end()) return absl::OkStatus();
  const MemoryTable& table = *found->second;
  std::map<std::tuple<std::string, std::string, std::vector<std::string>>, RowSums> all;
  for (const auto& [key, row] : table.rows) {
    if (TextOf(CellOf(table, *row, kAdvertiserColumn)) != request.advertiser) continue;
    const std::string day =
        request.day_column.empty() ? "" : AsText(CellOf(table, *row, request.day_column)).substr(0, 10);
    if (!request.day_column.empty() && (day < FormatDay(request.first) || day > FormatDay(request.last))) continue;
    const std::string run = table.mode == WriteMode::kAppend ? AsText(CellOf(table, *row, kRunColumn)) : "";
    std::vector<std::string> groups;
    for (const std::string& column : request.group_columns) groups.push_back(AsText(CellOf(table, *row, column)));
    RowSums& sums = all[{day, run, groups}];
    sums.run_id = run;
    sums.groups = groups;
    if (!day.empty()) {
      ASSIGN_OR_RETURN(sums.day, ParseDay(day));
    }
    sums.sums.resize(request.sum_columns.size());
    sums.unreadable.resize(request.sum_columns.size());
    ++sums.rows;
    for (size_t i = 0; i < request.sum_columns.size(); ++i) {
      const std::string& column = request.sum_columns[i];
      const std::optional<std::string> kept = KeptText(TextOf(CellOf(table, *row, kRawColumn)), column);
      const std::optional<Decimal> value =
          kept.has_value() ? ParseDecimal(*kept) : DecimalOf(CellOf(table, *row, column));
      if (value.has_value()) sums.sums[i] += DecimalSum(*value);
      if (!value.has_value() && kept.has_value()) ++sums.unreadable[i];
    }
  }
  for (const auto& [key, sums] : all) RETURN_IF_ERROR(take(sums));
  return absl::OkStatus();
}

absl::StatusOr<ObjectCounts> MemoryReader::CountObjects(const TableSchema& schema, const std::string& advertiser,
                                                        absl::Time created_until) {
  ObjectCounts counts;
  const auto found = state_.tables->find(schema.name);
  if (found == state_.tables->end()) return counts;
  const std::string until = created_until == absl::InfiniteFuture() ? "9999" : FormatInstant(created_until);
  for (const auto& [key, row] : found->second->rows) {
    const MemoryTable& table = *found->second;
    if (TextOf(CellOf(table, *row, kAdvertiserColumn)) != advertiser) continue;
    if (FindColumn(schema, "create_time") >= 0 && TextOf(CellOf(table, *row, "create_time")) > until) continue;
    const bool gone = FindColumn(schema, kGoneAtColumn) >= 0 && CellOf(table, *row, kGoneAtColumn) != Value();
    ++(gone ? counts.gone : counts.present);
  }
  return counts;
}

absl::StatusOr<std::vector<std::string>> MemoryReader::ListUnknownIds(const std::string& table,
                                                                      const std::string& objects,
                                                                      const std::string& id_column,
                                                                      const std::string& advertiser, size_t limit) {
  const auto ids_of = [&](const std::string& name) {
    std::set<std::string> ids;
    const auto found = state_.tables->find(name);
    if (found == state_.tables->end()) return ids;
    for (const auto& [key, row] : found->second->rows) {
      if (TextOf(CellOf(*found->second, *row, kAdvertiserColumn)) == advertiser)
        ids.insert(AsText(CellOf(*found->second, *row, id_column)));
    }
    return ids;
  };
  const std::set<std::string> known = ids_of(objects);
  std::vector<std::string> unknown;
  for (const std::string& id : ids_of(table)) {
    if (!id.empty() && !known.contains(id)) unknown.push_back(id);
  }
  return PageOf(std::move(unknown), 0, limit);
}

}  // namespace tikhaul
