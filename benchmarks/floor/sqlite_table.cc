// A prepared INSERT, with a page cache that holds what one window touches.
#include <sqlite3.h>

#include <cstdlib>
#include <cstring>

#include "benchmarks/floor/table.h"

namespace tikhaul::floor_program {
namespace {

class SqliteTable : public Table {
 public:
  SqliteTable(const std::string& path, const std::vector<std::string>& metrics) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) Die(sqlite3_errmsg(db_));
    Run("PRAGMA journal_mode=WAL");
    Run("PRAGMA synchronous=NORMAL");
    Run("PRAGMA cache_size=-65536");
    std::string columns = "advertiser_id TEXT, stat_time_day TEXT, ad_id TEXT", marks = "?,?,?";
    for (const std::string& metric : metrics) {
      columns += ", " + metric + " REAL";
      marks += ",?";
    }
    Run("CREATE TABLE floor (" + columns + ", PRIMARY KEY (advertiser_id, stat_time_day, ad_id)) WITHOUT ROWID");
    const std::string insert = "INSERT INTO floor VALUES (" + marks + ")";
    if (sqlite3_prepare_v2(db_, insert.c_str(), -1, &insert_, nullptr) != SQLITE_OK) Die(sqlite3_errmsg(db_));
  }
  ~SqliteTable() override {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }

  void Begin() override { Run("BEGIN"); }
  void Commit() override { Run("COMMIT"); }

  void BeginRow(std::string_view advertiser, std::string_view day, std::string_view ad) override {
    next_ = 1;
    Text(advertiser);
    Text(day);
    Text(ad);
  }
  void Metric(std::string_view text) override {
    char digits[64];
    if (text == "-" || text.size() >= sizeof(digits)) {
      sqlite3_bind_null(insert_, next_++);
      return;
    }
    std::memcpy(digits, text.data(), text.size());
    digits[text.size()] = '\0';
    sqlite3_bind_double(insert_, next_++, std::strtod(digits, nullptr));
  }
  void EndRow() override {
    if (sqlite3_step(insert_) != SQLITE_DONE) Die(sqlite3_errmsg(db_));
    sqlite3_reset(insert_);
  }

 private:
  void Run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) Die(sqlite3_errmsg(db_));
  }
  void Text(std::string_view text) {
    sqlite3_bind_text(insert_, next_++, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  int next_ = 1;
};

}  // namespace

std::unique_ptr<Table> MakeSqliteTable(const std::string& path, const std::vector<std::string>& metrics) {
  return std::make_unique<SqliteTable>(path, metrics);
}

}  // namespace tikhaul::floor_program
