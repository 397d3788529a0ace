#include "tests/contract/store/memory_harness.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/sql/sql_session.h"
#include "coordinator/store/sqlite/sqlite_tables.h"
#include "gtest/gtest.h"
#include "tests/simulation/memory_rows.h"

namespace tikhaul {
namespace {

// The row tables of a state as a SQLite database.
class Mirror {
 public:
  explicit Mirror(const MemoryState& state) {
    EXPECT_EQ(sqlite3_open(":memory:", &db_), SQLITE_OK);
    for (const auto& [name, table] : *state.tables) Copy(name, *table);
  }
  ~Mirror() { sqlite3_close(db_); }
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  TextRows Query(const std::string& sql) {
    TextRows rows;
    const auto keep = [](void* rows, int count, char** values, char**) {
      auto& row = static_cast<TextRows*>(rows)->emplace_back();
      for (int i = 0; i < count; ++i) row.emplace_back(values[i] == nullptr ? "NULL" : values[i]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), keep, &rows, nullptr), SQLITE_OK) << sql << sqlite3_errmsg(db_);
    return rows;
  }

  // What the tables hold now; tables that the state does not know are somebody else's.
  void CopyBack(MemoryState& state) {
    for (const auto& row : Query("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      if (state.tables->contains(row[0])) {
        ReadRows(row[0], state.tables.Edit()[row[0]].Edit());
      } else {
        state.foreign.Edit().insert(row[0]);
      }
    }
  }

 private:
  static std::string Names(const std::vector<std::string>& names) {
    return absl::StrJoin(names, ", ",
                         [](std::string* out, const std::string& name) { absl::StrAppend(out, QuoteSql(name)); });
  }

  void Copy(const std::string& name, const MemoryTable& table) {
    std::vector<std::string> columns;
    for (size_t i = 0; i < table.columns.size(); ++i)
      columns.push_back(absl::StrCat(QuoteSql(table.columns[i]), " ", SqlType(table.types[i])));
    Query(absl::StrCat("CREATE TABLE ", QuoteSql(name), " (", absl::StrJoin(columns, ", "), ", PRIMARY KEY (",
                       Names(table.key), ")) WITHOUT ROWID"));
    const std::vector<absl::string_view> marks(table.columns.size(), "?");
    sqlite3_stmt* insert = nullptr;
    const std::string sql = absl::StrCat("INSERT INTO ", QuoteSql(name), " VALUES (", absl::StrJoin(marks, ", "), ")");
    ASSERT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &insert, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    for (const auto& [key, row] : table.rows) {
      for (size_t i = 0; i < row->size(); ++i) Bind(insert, static_cast<int>(i) + 1, (*row)[i]);
      EXPECT_EQ(sqlite3_step(insert), SQLITE_DONE) << sqlite3_errmsg(db_);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
  }

  static void Bind(sqlite3_stmt* insert, int parameter, const Value& value) {
    if (const auto* whole = std::get_if<int64_t>(&value)) {
      sqlite3_bind_int64(insert, parameter, *whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
      sqlite3_bind_double(insert, parameter, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      sqlite3_bind_text(insert, parameter, text->c_str(), -1, SQLITE_TRANSIENT);
    } else {
      sqlite3_bind_null(insert, parameter);
    }
  }

  void ReadRows(const std::string& name, MemoryTable& table) {
    table.rows.clear();
    sqlite3_stmt* select = nullptr;
    const std::string sql = absl::StrCat("SELECT ", Names(table.columns), " FROM ", QuoteSql(name));
    ASSERT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &select, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    while (sqlite3_step(select) == SQLITE_ROW) {
      Row row, key;
      for (size_t i = 0; i < table.columns.size(); ++i) row.push_back(Cell(select, static_cast<int>(i)));
      for (const std::string& column : table.key) key.push_back(CellOf(table, row, column));
      table.rows[key] = std::make_shared<const Row>(std::move(row));
    }
    sqlite3_finalize(select);
  }

  static Value Cell(sqlite3_stmt* select, int column) {
    switch (sqlite3_column_type(select, column)) {
      case SQLITE_INTEGER:
        return sqlite3_column_int64(select, column);
      case SQLITE_FLOAT:
        return sqlite3_column_double(select, column);
      case SQLITE_NULL:
        return {};
      default:
        return std::string(reinterpret_cast<const char*>(sqlite3_column_text(select, column)));
    }
  }

  sqlite3* db_ = nullptr;
};

}  // namespace

void MemoryHarness::Reopen() { store_ = std::make_unique<MemoryStore>(*store_->database().state()); }

TextRows MemoryHarness::Query(const std::string& sql) { return Mirror(*store_->database().state()).Query(sql); }

void MemoryHarness::Execute(const std::string& sql) {
  MemoryState state = *store_->database().state();
  Mirror mirror(state);
  mirror.Query(sql);
  mirror.CopyBack(state);
  store_->database().set_state(std::move(state));
}

}  // namespace tikhaul
