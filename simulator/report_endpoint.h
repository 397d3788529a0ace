// GET report/integrated/get/ (tiktok-api.md 4).
#ifndef TIKHAUL_SIMULATOR_REPORT_ENDPOINT_H_
#define TIKHAUL_SIMULATOR_REPORT_ENDPOINT_H_

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/report_data.h"

namespace tikhaul::simulator {

// The moment at which reports look at the data: `now`, cut to quarters of an hour, so that pages of one report agree.
absl::Time ReportMoment(absl::Time now);

// What a scripted fault does to a page.
struct PageTwist {
  int64_t total_drift = 0;      // added to total_number
  int64_t shift_rows = 0;       // the page begins so many rows earlier (rows moved between pages)
  bool unknown_fields = false;  // members that no sheet knows
  bool numbers = false;         // metrics as JSON numbers where they are figures
  std::string row_member;       // JSON text of a member that every row has besides: "\"name\":value"; empty: none
};

// The accounts with these ids; 40001 when the token does not see one of them.
std::optional<Refusal> FindAccounts(const DataSet& data_set, const std::vector<std::string>& ids,
                                    std::vector<const Account*>* accounts);

// Thread-safe. Borrows the data set.
class ReportEndpoint {
 public:
  // `object_limit`: how many objects a report looks at (20,000 in tiktok-api.md 4.9).
  ReportEndpoint(const DataSet& data_set, size_t object_limit) : data_set_(data_set), object_limit_(object_limit) {}
  EndpointAnswer Answer(const Call& call, absl::Time now, const PageTwist& twist);

 private:
  // The rows of one request, shared by its pages.
  struct Entry {
    std::once_flag once;
    std::shared_ptr<const ReportData> data;
    std::atomic<size_t> rows{0};
  };
  std::shared_ptr<Entry> EntryFor(const std::string& key);
  void DropOld() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::shared_ptr<const ReportData> DataFor(const Call& call, ReportQuery query, std::vector<const Account*> accounts,
                                            absl::Time moment);

  const DataSet& data_set_;
  const size_t object_limit_;
  Mutex mu_;
  std::map<std::string, std::shared_ptr<Entry>> entries_ ABSL_GUARDED_BY(mu_);
  std::list<std::string> by_use_ ABSL_GUARDED_BY(mu_);  // oldest first
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_REPORT_ENDPOINT_H_
