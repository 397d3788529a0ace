// Asks the API when advertisers were active, so that idle spans need not be read window by window.
#ifndef TIKHAUL_COORDINATOR_ACTIVITY_ACTIVITY_PROBER_H_
#define TIKHAUL_COORDINATOR_ACTIVITY_ACTIVITY_PROBER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/tiktok/client.h"
#include "coordinator/core/activity.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// What is wanted of one advertiser, extract by extract.
struct ActivityWish {
  Advertiser advertiser;
  std::vector<WantedDays> extracts;
};

struct KnownActivity {
  std::map<std::string, std::vector<ActivitySpan>> spans;  // by advertiser id
  uint64_t calls = 0;                                      // spent on it now
  std::string note;  // why something could not be asked, for people; empty when all was
};

// Thread-safe. Borrows everything it is given.
class ActivityProber {
 public:
  // `obstacle` as of Accounts.
  ActivityProber(const v1::Config& config, Store& store, ApiTransport& transport, std::function<std::string()> obstacle,
                 const Clock& clock);

  struct Options {
    bool may_call = true;
    bool anew = false;  // forget what is known
  };
  // What is known about the wishes' advertisers after all questions were asked that pay. Answers are kept in the store.
  // Does without what the API does not answer: nothing is then known to be idle. CANCELLED: the coordinator is
  // stopping.
  absl::StatusOr<KnownActivity> Learn(const std::vector<ActivityWish>& wishes, const Options& options)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class Inquiry;

  const v1::Config& config_;
  Store& store_;
  ApiTransport& transport_;
  const std::function<std::string()> obstacle_;
  const Clock& clock_;
  Mutex mu_;  // one inquiry at a time: the next one finds its answers; held over API calls
  // Connections whose advertisers the API does not answer for together (tiktok-api.md 9.1: five, or one).
  std::set<std::string> alone_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ACTIVITY_ACTIVITY_PROBER_H_
