// Options by which several commands choose extracts, advertisers and days.
#ifndef TIKHAUL_CLI_COMMANDS_SELECTORS_H_
#define TIKHAUL_CLI_COMMANDS_SELECTORS_H_

#include <string>
#include <vector>

#include "tikhaul/v1/admin.pb.h"

namespace CLI {
class App;
}

namespace tikhaul {

struct Selectors {
  std::vector<std::string> extracts;     // empty: all
  std::vector<std::string> advertisers;  // empty: all
  std::string from;                      // YYYY-MM-DD or empty
  std::string to;
};

// [EXTRACT...] --advertiser ID... --from DAY --to DAY. `selectors` must outlive the parse.
void AddSelectors(CLI::App& command, Selectors& selectors);
// --only-metrics A,B
void AddOnlyMetrics(CLI::App& command, std::vector<std::string>& metrics);
// --from and --to alone.
void AddDayRange(CLI::App& command, std::string& from, std::string& to);
// --idempotency-key, for commands that change something.
void AddIdempotencyKey(CLI::App& command, std::string& key);
v1::DateRange RangeOf(const std::string& from, const std::string& to);

// Fills the members that PlanRequest and BackfillRequest share.
template <typename Request>
Request RequestFor(const Selectors& selectors) {
  Request request;
  request.mutable_extracts()->Assign(selectors.extracts.begin(), selectors.extracts.end());
  request.mutable_advertisers()->Assign(selectors.advertisers.begin(), selectors.advertisers.end());
  *request.mutable_range() = RangeOf(selectors.from, selectors.to);
  return request;
}

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_COMMANDS_SELECTORS_H_
