// What a read changes of days that were read before, counted while settling writes it. Costs only where rows change.
#ifndef TIKHAUL_COORDINATOR_STORE_SQLITE_CHANGE_COUNTER_H_
#define TIKHAUL_COORDINATOR_STORE_SQLITE_CHANGE_COUNTER_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/decimal_sum.h"
#include "coordinator/store/sql/change_tally.h"
#include "coordinator/store/sqlite/row_encoder.h"
#include "coordinator/store/sqlite/sqlite_db.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Cells are those of RowEncoder: in the order of the table's columns. Borrows the connection.
class ChangeCounter {
 public:
  // `key`: the table's key columns in the order of the primary key. Null when the request asks for no counts.
  static absl::StatusOr<std::unique_ptr<ChangeCounter>> Make(SqliteDb& db, const SettleRequest& request,
                                                             const std::vector<size_t>& key);

  // Before a row is written over the one of its key.
  absl::Status Overwriting(const std::vector<Cell>& cells);
  // When a row with a new key was written.
  absl::Status Inserted(const std::vector<Cell>& cells);
  // Before rows are removed: `rows` selects Columns() of them.
  absl::Status Removing(SqliteStatement& rows);
  const std::string& Columns() const { return columns_; }

  std::vector<DayChange> Result() const { return tally_.Result(); }

 private:
  // A row by metrics, and its _raw at last.
  using Row = std::vector<Cell>;

  ChangeCounter(SqliteDb& db, ChangeTally tally) : db_(db), tally_(std::move(tally)) {}
  Row RowOf(const std::vector<Cell>& cells) const;
  Row RowOf(const SqliteStatement& statement) const;
  // Either may be null. True in `*differs` when a metric does.
  absl::Status Compare(const Row* before, const Row* after, ChangeTally::Day& day, bool* differs);
  absl::StatusOr<DecimalSum> NumberOf(const ChangeMetric& metric, const Row& row, size_t index);

  SqliteDb& db_;
  ChangeTally tally_;
  std::vector<size_t> key_;
  size_t day_column_ = 0;
  std::optional<size_t> raw_column_;
  std::string columns_;
  std::optional<SqliteStatement> find_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQLITE_CHANGE_COUNTER_H_
