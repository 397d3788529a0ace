// The rows of a report at one moment, computed from the data model.
#ifndef TIKHAUL_SIMULATOR_REPORT_DATA_H_
#define TIKHAUL_SIMULATOR_REPORT_DATA_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "simulator/data_set.h"
#include "simulator/figures.h"
#include "simulator/report_query.h"

namespace tikhaul::simulator {

// Says which row it is. Without a time dimension `day` is kNoDay.
struct RowKey {
  static constexpr int32_t kNoDay = INT32_MIN;
  uint64_t order = 0;    // rows stand in the order of this hash: stable, and not that of any key
  uint32_t account = 0;  // position in the accounts of the report
  uint32_t object = 0;   // position in its level; 0 at advertiser level
  int32_t day = kNoDay;
  int16_t hour = -1;
  int16_t cell = 0;
};

// Immutable. The accounts are borrowed and must outlive the object.
class ReportData {
 public:
  ReportData(ReportQuery query, std::vector<const Account*> accounts, absl::Time now, size_t object_limit);

  const ReportQuery& query() const { return query_; }
  const std::vector<const Account*>& accounts() const { return accounts_; }
  const Account& AccountOf(const RowKey& row) const { return *accounts_[row.account]; }
  const std::vector<RowKey>& rows() const { return rows_; }
  const Cells& cells() const { return cells_; }
  // More objects than a sync report looks at: only the newest were (tiktok-api.md 4.9).
  bool cut_to_newest() const { return cut_; }
  // How many objects were looked at.
  size_t objects() const { return objects_; }

  // The additive figures behind the metrics, one slot each.
  size_t slots() const { return additives_.size(); }
  // -1 when the figure is not among them.
  int SlotOf(const Metric& metric) const;
  // Sums of the row into `sums`, which has slots() elements.
  void Sum(const RowKey& row, int64_t* sums) const;

 private:
  void PlanSlots();
  void NeedSlot(const Metric& metric);
  void AddAccount(uint32_t position);
  std::vector<uint32_t> Candidates(const Account& account);
  bool Passes(const Account& account, uint32_t object) const;
  void AddObject(uint32_t position, uint32_t object);
  void AddRows(uint32_t position, uint32_t object, int32_t day, uint64_t mask);
  uint64_t MaskOf(const Ad& ad, const AdDay& figures) const;
  bool Seen(const DayState& state) const;
  void SumDay(const Ad& ad, const DayState& state, const RowKey& row, int64_t* sums) const;

  const ReportQuery query_;
  const std::vector<const Account*> accounts_;
  const absl::Time now_;
  const int64_t now_seconds_;
  const size_t object_limit_;
  const int lag_hours_;
  Cells cells_;
  std::vector<std::vector<DayState>> days_;  // per account
  std::vector<const Metric*> additives_;
  absl::flat_hash_map<const Metric*, int> slots_;
  std::vector<RowKey> rows_;
  bool cut_ = false;
  size_t objects_ = 0;
};

// The ads below an object: [first, last).
std::pair<uint32_t, uint32_t> AdsBelow(const Account& account, Level level, uint32_t object);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_REPORT_DATA_H_
