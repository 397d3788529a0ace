// Where the floor program puts its rows: one table, filled in one transaction by the fastest way its database has.
#ifndef TIKHAUL_BENCHMARKS_FLOOR_TABLE_H_
#define TIKHAUL_BENCHMARKS_FLOOR_TABLE_H_

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tikhaul::floor_program {

[[noreturn]] void Die(const std::string& why);

// Key: advertiser_id, stat_time_day, ad_id. Not thread-safe.
class Table {
 public:
  virtual ~Table() = default;
  virtual void Begin() = 0;
  virtual void BeginRow(std::string_view advertiser, std::string_view day, std::string_view ad) = 0;
  // The next metric, as the API writes it; "-": no value.
  virtual void Metric(std::string_view text) = 0;
  virtual void EndRow() = 0;
  virtual void Commit() = 0;
};

// Makes the file and the table; metrics are REAL.
std::unique_ptr<Table> MakeSqliteTable(const std::string& path, const std::vector<std::string>& metrics);

// Makes the table in a schema of its own; metrics are BIGINT where `whole` names them, else NUMERIC.
std::unique_ptr<Table> MakePostgresTable(const std::string& url, const std::vector<std::string>& metrics,
                                         const std::set<std::string>& whole);

}  // namespace tikhaul::floor_program

#endif  // TIKHAUL_BENCHMARKS_FLOOR_TABLE_H_
