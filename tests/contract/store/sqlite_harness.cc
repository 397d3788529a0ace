#include "tests/contract/store/sqlite_harness.h"

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>

#include "gtest/gtest.h"

namespace tikhaul {

TempFolder::TempFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "tikhaul-store-XXXXXX").string();
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  path_ = path;
}

TempFolder::~TempFolder() { std::filesystem::remove_all(path_); }

SqliteHarness::SqliteHarness() { Reopen(); }

void SqliteHarness::Reopen() {
  store_.reset();  // gives up the lock
  absl::StatusOr<std::unique_ptr<Store>> opened = OpenStore("sqlite:" + file());
  EXPECT_TRUE(opened.ok()) << opened.status();
  store_ = std::move(opened).value();
}

TextRows SqliteHarness::Query(const std::string& sql) { return QuerySqliteFile(file(), sql); }

TextRows QuerySqliteFile(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  sqlite3_busy_timeout(db, 5000);
  TextRows rows;
  const auto keep = [](void* rows, int count, char** values, char**) {
    auto& row = static_cast<TextRows*>(rows)->emplace_back();
    for (int i = 0; i < count; ++i) row.emplace_back(values[i] == nullptr ? "NULL" : values[i]);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), keep, &rows, nullptr), SQLITE_OK) << sql << ": " << sqlite3_errmsg(db);
  sqlite3_close(db);
  return rows;
}

}  // namespace tikhaul
