// A WHERE clause that grows with the filters that are set.
#ifndef TIKHAUL_COORDINATOR_STORE_SQL_WHERE_H_
#define TIKHAUL_COORDINATOR_STORE_SQL_WHERE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/sql/sql_session.h"

namespace tikhaul {

class Where {
 public:
  void Add(absl::string_view condition) { absl::StrAppend(&sql_, sql_.empty() ? " WHERE " : " AND ", condition); }
  // `condition` holds one "?", which is bound to `value`.
  template <typename T>
  void Add(absl::string_view condition, const T& value) {
    Add(condition);
    values_.push_back(ToSql(value));
  }
  // As an alternative to the condition before, which opened the parenthesis that this one closes.
  template <typename T>
  void AddOr(absl::string_view condition, const T& value) {
    absl::StrAppend(&sql_, " OR ", condition);
    values_.push_back(ToSql(value));
  }
  // Nothing when `value` is empty: a filter that lets all through.
  void AddUnlessEmpty(absl::string_view condition, absl::string_view value) {
    if (!value.empty()) Add(condition, value);
  }
  // `before`, the clause, `after`; the parameters of `after` are bound to `numbers`.
  template <typename... Numbers>
  absl::StatusOr<std::unique_ptr<SqlRows>> Query(SqlSession& db, absl::string_view before, absl::string_view after,
                                                 Numbers... numbers) const {
    std::vector<SqlValue> values = values_;
    (values.emplace_back(static_cast<int64_t>(numbers)), ...);
    return db.Select(absl::StrCat(before, sql_, after), values);
  }

 private:
  std::string sql_;
  std::vector<SqlValue> values_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQL_WHERE_H_
