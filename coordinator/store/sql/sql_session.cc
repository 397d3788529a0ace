#include "coordinator/store/sql/sql_session.h"

#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kEndOfTime = "9999-12-31T23:59:59Z";

}  // namespace

SqlValue ToSql(absl::CivilDay value) { return FormatDay(value); }

SqlValue ToSql(Micros value) {
  return value.time == absl::InfinitePast() ? SqlValue() : ToSql(int64_t{absl::ToUnixMicros(value.time)});
}

SqlValue ToSql(Instant value) {
  if (value.time == absl::InfinitePast()) return SqlValue();
  return value.time == absl::InfiniteFuture() ? std::string(kEndOfTime) : FormatInstant(value.time);
}

void SqlRow::NoteBad() {
  if (!status_.ok()) return;
  status_ = absl::DataLossError(absl::StrCat("the store holds \"", rows_.Text(next_), "\" as ", rows_.ColumnName(next_),
                                             ", which tikhaul never writes: the store was edited or is damaged"));
}

void SqlRow::Get(absl::CivilDay& value) {
  const absl::StatusOr<absl::CivilDay> day = ParseDay(rows_.Text(next_));
  if (day.ok()) {
    value = *day;
  } else {
    NoteBad();
  }
  ++next_;
}

void SqlRow::Get(absl::Time& value) {
  const absl::string_view text = rows_.Text(next_);
  std::string ignored;
  int64_t micros = 0;
  if (rows_.IsNull(next_)) {
    value = absl::InfinitePast();
  } else if (absl::SimpleAtoi(text, &micros)) {
    value = micros == std::numeric_limits<int64_t>::max() ? absl::InfiniteFuture() : absl::FromUnixMicros(micros);
  } else if (text == kEndOfTime) {
    value = absl::InfiniteFuture();
  } else if (!absl::ParseTime("%Y-%m-%dT%H:%M:%SZ", text, &value, &ignored)) {
    NoteBad();
  }
  ++next_;
}

absl::StatusOr<int64_t> SqlSession::FirstInt(absl::StatusOr<std::unique_ptr<SqlRows>> rows) {
  RETURN_IF_ERROR(rows.status());
  ASSIGN_OR_RETURN(const bool found, (*rows)->Step());
  return found ? (*rows)->Int(0) : 0;
}

std::string QuoteSql(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string PutSql(absl::string_view table, const std::vector<absl::string_view>& keys,
                   const std::vector<absl::string_view>& others) {
  const std::string key_names = absl::StrJoin(keys, ", ");
  return absl::StrCat("INSERT INTO ", table, " (", key_names, ", ", absl::StrJoin(others, ", "), ") VALUES (",
                      Marks(keys.size() + others.size()), ") ON CONFLICT (", key_names, ") DO UPDATE SET ",
                      absl::StrJoin(others, ", ", [](std::string* out, absl::string_view name) {
                        absl::StrAppend(out, name, " = excluded.", name);
                      }));
}

size_t PieceOf(size_t left) {
  size_t piece = 1;
  while (piece < 256 && piece * 4 <= left) piece *= 4;
  return piece;
}

std::string Marks(size_t count) { return absl::StrJoin(std::vector<absl::string_view>(count, "?"), ", "); }

int64_t LimitValue(size_t limit) {
  return limit == 0 ? std::numeric_limits<int64_t>::max() : static_cast<int64_t>(limit);
}

}  // namespace tikhaul
