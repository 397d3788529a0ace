// Scripted faults: what goes wrong, for which calls, and how often.
#ifndef TIKHAUL_SIMULATOR_FAULTS_H_
#define TIKHAUL_SIMULATOR_FAULTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "simulator/call.h"

namespace tikhaul::simulator {

enum class FaultKind {
  kCode,            // an envelope with `code` and `message`
  kHttp,            // `status` with an HTML body
  kTruncate,        // the right answer, cut after `bytes` bytes, then the connection is closed
  kNotJson,         // 200 with a body that is not JSON
  kReset,           // the connection is closed without an answer
  kHang,            // nothing for `seconds`, then the connection is closed
  kSlow,            // the right answer, `ms` later
  kDrift,           // total_number differs by `delta`
  kShift,           // pages after the first begin `rows` rows earlier
  kThrottleHeader,  // X-Tt-Ads-Throttle with `text`
  kUnknownFields,   // members that no sheet knows
  kNumberStrings,   // figures as JSON numbers
  kTask,            // the task that the call makes ends as `text` says, `ms` later
  kResetInBody,     // the right answer, cut after `bytes` bytes by a reset
  kDrip,            // the right answer, `bytes` bytes every `ms`
  kBadUtf8,         // the right answer with a byte that is not UTF-8 in its middle
  kDeep,            // rows with a member of `depth` nested lists
  kFatRows,         // rows with a text of `bytes` bytes that no sheet knows
  kStale,           // the right answer of `seconds` ago: days that are late, figures that are restated afterwards
};

struct Fault {
  FaultKind kind = FaultKind::kCode;
  // Matches calls whose path (after /open_api/v1.3/) and query parameters are these; empty: all.
  std::string path;
  std::map<std::string, std::string> params;
  int64_t skip = 0;   // so many matching calls pass first
  int64_t times = 1;  // then so many are hit; negative: all
  int64_t code = 50000;
  std::string message;
  int64_t status = 502;
  std::string body;
  int64_t bytes = 100;
  double seconds = 30;
  int64_t ms = 1'000;
  int64_t delta = 1;
  int64_t rows = 1;
  int64_t depth = 5'000;
  std::string text;
  int64_t hits = 0;
};

// Every fault of a list once, in an order and at distances that the seed decides. Endpoints about accounts and tokens
// are spared.
struct FaultMix {
  std::vector<Fault> faults;  // in their order
  size_t next = 0;
  uint64_t random = 0;
  int64_t gap = 3;   // calls between two faults, on average
  int64_t wait = 0;  // calls until the next fault
};

// Thread-safe.
class FaultScript {
 public:
  // `json`: one fault, a list of them, or {"faults":[...]}; they come after those that are there. A fault of kind "mix"
  // ({"kind":"mix","seed":1,"gap":3,"codes":"all"|"classes"}) replaces the mix that is there. INVALID_ARGUMENT, and
  // nothing is added, when a member is unknown or has another type than README.md says.
  absl::Status Add(absl::string_view json);
  void Clear();
  // What hits this call: the first match whose turn it is. `path` without the prefix.
  std::optional<Fault> Next(absl::string_view path, const std::map<std::string, std::string>& params);
  // All faults with their hits, as JSON.
  std::string Json() const;

 private:
  std::optional<Fault> NextOfMix(absl::string_view path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  std::vector<Fault> faults_ ABSL_GUARDED_BY(mu_);
  FaultMix mix_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_FAULTS_H_
