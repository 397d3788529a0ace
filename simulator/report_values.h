// The cells of a report row.
#ifndef TIKHAUL_SIMULATOR_REPORT_VALUES_H_
#define TIKHAUL_SIMULATOR_REPORT_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "simulator/report_data.h"

namespace tikhaul::simulator {

struct Cell {
  enum class Kind : uint8_t {
    kNull,     // JSON null
    kDash,     // "-"
    kWhole,    // `number`
    kDecimal,  // number / 10^places
    kText,     // `text`
    kFew,      // "<5": impressions of search terms
    kFlag,     // `number` is 0 or 1
  };
  Kind kind = Kind::kNull;
  int64_t number = 0;
  int places = 0;
  absl::string_view text;  // borrowed from the data set
};

// Computes the cells of rows one after the other. Not thread-safe; borrows the data.
class RowValues {
 public:
  explicit RowValues(const ReportData& data);
  // Moves to `row`.
  void Load(const RowKey& row);
  // The row's value of the `index`-th metric of the query.
  Cell Metric(size_t index);
  // Value of the i-th dimension as text.
  void AppendDimension(size_t index, std::string& out);
  const Account& account() const { return *account_; }
  // Instead of a row: sums that were made elsewhere; attributes are "-".
  void LoadTotals(const Account& account, const std::vector<int64_t>& sums);

 private:
  struct Plan {
    const simulator::Metric* metric;
    int slot = -1;
    int over = -1;
    int under = -1;
  };
  const std::string& DayText(int32_t day);
  int64_t Figure(const simulator::Metric& metric, int slot) const;
  Cell Sum(const Plan& plan) const;
  Cell Ratio(const Plan& plan) const;
  Cell AttributeOf(const simulator::Metric& metric);
  Cell Fixed(const simulator::Metric& metric, uint64_t seed) const;

  const ReportData& data_;
  std::vector<Plan> plans_;
  std::vector<int64_t> sums_;
  const RowKey* row_ = nullptr;
  const Account* account_ = nullptr;
  const Object* campaign_ = nullptr;
  const Object* group_ = nullptr;
  const Object* ad_ = nullptr;
  uint64_t row_seed_ = 0;
  bool few_hidden_ = false;
  bool totals_ = false;
  absl::flat_hash_map<int32_t, std::string> day_texts_;
  std::string id_, campaign_id_, group_id_, ad_id_;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_REPORT_VALUES_H_
