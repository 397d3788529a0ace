// What one JSON scalar of an answer means in a column of a given type (tiktok-api.md 4.3, 6.1): the API sends numbers
// as strings, counts as "116.0", "-" for no value, and what it will. Pure functions without allocation.
#ifndef TIKHAUL_WORKER_CELL_VALUES_H_
#define TIKHAUL_WORKER_CELL_VALUES_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "common/base/decimal.h"
#include "common/model/row_batch.h"

namespace tikhaul {

// True when `text` is a number in JSON's grammar.
bool IsJsonNumber(absl::string_view text);
// True for the three words and numbers: what may stand unquoted in JSON.
bool IsJsonAtom(absl::string_view token);

// "YYYY-MM-DD" or "YYYY-MM-DD HH:MM:SS": days since 1970-01-01.
std::optional<int64_t> ParseDayNumber(absl::string_view text);
// "YYYY-MM-DD HH:MM:SS": seconds since 1970-01-01 00:00, read as UTC.
std::optional<int64_t> ParseSecondNumber(absl::string_view text);
// The same; or with T and Z, or as a Unix time (tiktok-api.md 2.3, 8).
std::optional<int64_t> ParseInstant(absl::string_view text);
// true, false, 0, 1 in any case of letters: 1 or 0.
std::optional<int64_t> ParseBool(absl::string_view text);
// The cell of kInt64, kDate, kTimestamp, kBool and kLocalHour columns. `text` is a string's contents or a number's
// digits.
std::optional<int64_t> ParseNumberCell(ColumnType type, absl::string_view text);

// True when more than 15 significant digits are needed, so that a double (SQLite's REAL) cannot tell it from
// neighbours.
bool ExceedsDouble(Decimal value);

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_CELL_VALUES_H_
