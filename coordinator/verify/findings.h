// Collects what a comparison finds into the answer that operators see. Pure.
#ifndef TIKHAUL_COORDINATOR_VERIFY_FINDINGS_H_
#define TIKHAUL_COORDINATOR_VERIFY_FINDINGS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "absl/time/civil_time.h"
#include "common/base/decimal_sum.h"
#include "common/model/chunk.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// What is found at one place. Members that do not matter stay empty.
struct Found {
  std::string reason;  // as VerifyFinding.reason lists them
  std::string detail;
  std::optional<Coverage> days;
  std::string level = {}, id = {}, breakdown = {}, metric = {};
  std::optional<DecimalSum> stored = {}, api = {};
  std::string mend = {};
};

// Borrows the result, whose extract and advertiser are set.
class Findings {
 public:
  explicit Findings(v1::VerifyResult& result) : result_(result) {}

  void Equal(uint64_t figures) { result_.set_equal(result_.equal() + figures); }
  // Explained differences of one reason, detail and metric become one finding: its days reach over all of them, its
  // figures are their sums. `again`: reading the days again mends it.
  void Explain(Found found, bool again);
  // Flagged differences stand one by one, up to 1,000.
  void Flag(const Found& found);
  // Writes the findings and the state.
  void Finish();

  // `tikhaul backfill ads_daily --advertiser 7001 --from 2026-03-01 --to 2026-03-02 --again`.
  std::string ReadAgain(const Coverage& days) const;

 private:
  struct Together {
    Found found;
    bool again = false;
    uint64_t count = 0;
  };
  v1::VerifyFinding* Add(v1::VerifyFinding::Verdict verdict, const Found& found, uint64_t count);

  v1::VerifyResult& result_;
  std::map<std::tuple<std::string, std::string, std::string>, Together> explained_;  // reason, metric, detail
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_FINDINGS_H_
