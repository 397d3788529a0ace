#include "tests/support/sql.h"

#include <sqlite3.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tikhaul {
namespace {

class Connection {
 public:
  explicit Connection(const std::string& path, int flags = SQLITE_OPEN_READONLY) {
    if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) Fail("open");
    sqlite3_busy_timeout(handle_, 10'000);
  }
  ~Connection() { sqlite3_close_v2(handle_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SqlRows Run(const std::string& sql) {
    SqlRows rows;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) Fail(sql);
    int code = SQLITE_DONE;
    while (statement != nullptr && (code = sqlite3_step(statement)) == SQLITE_ROW) {
      std::vector<std::string> row;
      for (int i = 0; i < sqlite3_column_count(statement); ++i) row.push_back(Text(statement, i));
      rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) Fail(sql);
    sqlite3_finalize(statement);
    return rows;
  }
  int64_t changes() const { return sqlite3_changes64(handle_); }

 private:
  static std::string Text(sqlite3_stmt* statement, int column) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) return "NULL";
    return {reinterpret_cast<const char*>(sqlite3_column_text(statement, column)),
            static_cast<size_t>(sqlite3_column_bytes(statement, column))};
  }
  void Fail(const std::string& what) { ADD_FAILURE() << what << ": " << sqlite3_errmsg(handle_); }

  sqlite3* handle_ = nullptr;
};

std::vector<std::string> ColumnsOf(Connection& db, const std::string& schema, const std::string& table) {
  std::vector<std::string> names;
  for (const auto& row : db.Run(absl::StrCat("SELECT name FROM pragma_table_info('", table, "', '", schema, "')"))) {
    names.push_back(row[0]);
  }
  return names;
}

std::string Quoted(const std::vector<std::string>& columns) {
  return absl::StrJoin(columns, ", ",
                       [](std::string* out, const std::string& name) { absl::StrAppend(out, "\"", name, "\""); });
}

std::string Show(const SqlRows& rows) {
  std::string text;
  for (const auto& row : rows) absl::StrAppend(&text, "    ", absl::StrJoin(row, " | "), "\n");
  return text;
}

class Comparer {
 public:
  explicit Comparer(const TableComparison& comparison) : c_(comparison), db_(comparison.store) {
    db_.Run(absl::StrCat("ATTACH '", c_.truth, "' AS truth"));
  }

  testing::AssertionResult Run() {
    if (!PickColumns()) return testing::AssertionFailure() << problems_;
    const std::string store = Select("main", c_.where), truth = Select("truth", c_.truth_where);
    const int64_t stored = Count(store), wanted = Count(truth);
    if (wanted == 0 && !c_.may_be_empty) absl::StrAppend(&problems_, "  the truth is empty: nothing is compared\n");
    if (stored != wanted) absl::StrAppend(&problems_, "  ", stored, " rows are there, ", wanted, " should be\n");
    Difference("in the truth but not in the store", truth, store);
    Difference("in the store but not in the truth", store, truth);
    Doubles();
    if (problems_.empty()) return testing::AssertionSuccess() << c_.table << ": " << stored << " rows";
    return testing::AssertionFailure() << c_.table << " differs from the truth (" << Quoted(columns_) << ")\n"
                                       << problems_;
  }

  RowTally Tally() {
    if (!PickColumns()) {
      ADD_FAILURE() << problems_;
      return {};
    }
    const std::string store = Select("main", c_.where), truth = Select("truth", c_.truth_where);
    const std::string doubled = DoubledKeys();
    return {.rows = Count(store),
            .lost = Count(absl::StrCat(truth, " EXCEPT ", store)),
            .doubled = doubled.empty() ? 0 : Count(doubled),
            .unexpected = Count(absl::StrCat(store, " EXCEPT ", truth))};
  }

 private:
  bool PickColumns() {
    const std::vector<std::string> ours = ColumnsOf(db_, "main", c_.table);
    for (const std::string& name : ColumnsOf(db_, "truth", c_.table)) {
      if (std::find(c_.skip.begin(), c_.skip.end(), name) != c_.skip.end()) continue;
      if (std::find(ours.begin(), ours.end(), name) == ours.end()) {
        absl::StrAppend(&problems_, "  table ", c_.table, " lacks column ", name, "\n");
      }
      columns_.push_back(name);
    }
    if (columns_.empty()) absl::StrAppend(&problems_, "  the truth has no table ", c_.table, "\n");
    return problems_.empty();
  }

  std::string Select(const std::string& schema, const std::string& where) const {
    return absl::StrCat("SELECT ", Quoted(columns_), " FROM ", schema, ".\"", c_.table, "\" WHERE ", where);
  }

  int64_t Count(const std::string& select) {
    const SqlRows rows = db_.Run(absl::StrCat("SELECT count(*) FROM (", select, ")"));
    return rows.empty() ? -1 : std::stoll(rows[0][0]);
  }

  void Difference(const std::string& what, const std::string& a, const std::string& b) {
    const SqlRows rows = db_.Run(absl::StrCat(a, " EXCEPT ", b, " ORDER BY 1, 2 LIMIT 5"));
    if (!rows.empty()) absl::StrAppend(&problems_, "  ", what, ":\n", Show(rows));
  }

  // Empty: the table has no key.
  std::string DoubledKeys() {
    std::vector<std::string> key;
    for (const auto& row : db_.Run(
             absl::StrCat("SELECT name FROM pragma_table_info('", c_.table, "', 'main') WHERE pk > 0 ORDER BY pk"))) {
      if (row[0][0] != '_' || row[0] == "_window_start") key.push_back(row[0]);
    }
    if (key.empty()) return "";
    return absl::StrCat("SELECT ", Quoted(key), ", count(*) FROM main.\"", c_.table, "\" WHERE ", c_.where,
                        " GROUP BY ", Quoted(key), " HAVING count(*) > 1");
  }

  void Doubles() {
    const std::string doubled = DoubledKeys();
    if (doubled.empty()) return;
    const SqlRows rows = db_.Run(doubled + " LIMIT 5");
    if (!rows.empty()) absl::StrAppend(&problems_, "  keys that are there more than once:\n", Show(rows));
  }

  const TableComparison& c_;
  Connection db_;
  std::vector<std::string> columns_;
  std::string problems_;
};

}  // namespace

SqlRows QueryFile(const std::string& path, const std::string& sql, const std::string& attached) {
  Connection db(path);
  if (!attached.empty()) db.Run(absl::StrCat("ATTACH '", attached, "' AS truth"));
  return db.Run(sql);
}

int64_t ChangeFile(const std::string& path, const std::string& sql) {
  Connection db(path, SQLITE_OPEN_READWRITE);
  db.Run(sql);
  return db.changes();
}

RowTally TallyAgainstTruth(const TableComparison& comparison) { return Comparer(comparison).Tally(); }

testing::AssertionResult EqualsTruth(const TableComparison& comparison) { return Comparer(comparison).Run(); }

}  // namespace tikhaul
