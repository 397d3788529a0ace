// A storm as data: where it takes place, what is done to whom and how often, and what must have happened.
#ifndef TIKHAUL_TESTS_STORM_STORM_H_
#define TIKHAUL_TESTS_STORM_STORM_H_

#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/storm/stage.h"

namespace tikhaul {

// A pause between two times, drawn anew each time.
struct Span {
  absl::Duration least, most;
};

struct Blow {
  std::string name;  // of which there were so many, in the table
  Span every;
  std::function<void(Stage&)> strike;
  Span hold = {absl::ZeroDuration(), absl::ZeroDuration()};
  std::function<void(Stage&)> mend = nullptr;  // after `hold`, and at the end of the storm
};

// What must have been seen at least once, or the storm was none.
struct Must {
  std::string what;
  std::function<int64_t(Stage&)> seen;
};

struct Storm {
  std::string name;
  std::string title;  // in the table
  Scene scene = {};
  absl::Duration lasts = absl::Seconds(45);
  std::vector<Blow> blows = {};
  std::vector<Must> musts = {};
  // Nothing of it may count as a failure of a chunk: Redis and the store are out of order, quota is short.
  bool blameless = true;
  std::set<std::string> may_die_of = {};  // failure classes of dead letters
  bool may_cancel = false;
  bool in_every_run = false;  // else with TIKHAUL_LONG_TESTS=1
  std::vector<StoreKind> stores = {StoreKind::kSqlite, StoreKind::kPostgres};
  std::function<void(Stage&)> prepare = nullptr;  // before the first backfill
  std::function<void(Stage&)> mend = nullptr;     // what an operator does when it is over
};

// By the names of blows and musts, in their order.
using Sightings = std::vector<std::pair<std::string, int64_t>>;

// Prepares, strikes until it is over, mends, and waits until nothing is left to do. `died`: dead letters before the
// operator mends, by failure class.
Sightings LetBlow(const Storm& storm, Stage& stage, std::map<std::string, int64_t>* died);

// Until nothing is left to do, keeping the stage; fails the test when no chunk is done for `patience` before that.
void KeepUntilIdle(Stage& stage, absl::Duration patience = kPatience);

const std::vector<Storm>& Storms();

inline void PrintTo(const Storm& storm, std::ostream* out) { *out << storm.name; }

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_STORM_STORM_H_
