// What reading windows costs, before it is read: by the rows of earlier reads, else by a sample that asks how many rows
// there are.
#ifndef TIKHAUL_COORDINATOR_RUNS_ESTIMATOR_H_
#define TIKHAUL_COORDINATOR_RUNS_ESTIMATOR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/tiktok/client.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Windows of one advertiser.
struct ToRead {
  Advertiser advertiser;
  std::vector<Window> windows;
};

struct Estimate {
  std::string extract;
  uint32_t advertisers = 0;
  uint64_t chunks = 0;
  uint64_t idle_windows = 0;  // left out
  uint64_t calls = 0;         // expected; at least so many where the rows are not known
  uint64_t rows = 0;          // expected
  bool rows_known = false;    // of every advertiser, by earlier reads or by a sample
  absl::CivilDay first_day, last_day;
};

// Of several extracts.
struct PlanEstimate {
  std::vector<Estimate> extracts;
  uint64_t calls_spent = 0;  // on finding out
  std::vector<std::string> notes;
};

// Thread-safe. Borrows what it is given.
class Estimator {
 public:
  // `obstacle` as of Accounts.
  Estimator(const v1::Config& config, Store& store, ApiTransport& transport, std::function<std::string()> obstacle,
            const Clock& clock);

  struct Request {
    const RegisteredExtract* extract = nullptr;
    std::string only_metrics = {};  // as in Chunk
    std::vector<ToRead> pairs;
    uint64_t idle_windows = 0;
  };
  // `may_call`: the API may be asked how many rows some of the windows have, with a few per cent of the calls that
  // reading takes. CANCELLED: the coordinator is stopping.
  absl::StatusOr<PlanEstimate> Price(const std::vector<Request>& requests, bool may_call);

 private:
  class Pricing;

  const v1::Config& config_;
  Store& store_;
  ApiTransport& transport_;
  const std::function<std::string()> obstacle_;
  const Clock& clock_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_RUNS_ESTIMATOR_H_
