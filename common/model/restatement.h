// Restatements: what the API has changed of figures it had given before.
#ifndef TIKHAUL_COMMON_MODEL_RESTATEMENT_H_
#define TIKHAUL_COMMON_MODEL_RESTATEMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"

namespace tikhaul {

// Exact decimals as text, without closing zeros.
struct RestatedSums {
  std::string before = {},
              after = {};  // over the rows whose value differs; a row that was not there, or has no value, counts 0
  std::string difference = {};  // after - before
  std::string moved = {};       // sum of the rows' differences without their signs
  friend bool operator==(const RestatedSums&, const RestatedSums&) = default;
};

struct RestatedMetric {
  std::string metric = {};
  uint64_t rows = 0;                      // whose value differs, rows that came or went among them
  uint64_t filled = 0;                    // of them, rows that were there without a value
  std::optional<RestatedSums> sums = {};  // none for texts, and for sums beyond 128 bits
  friend bool operator==(const RestatedMetric&, const RestatedMetric&) = default;
};

// What one read changed of one day. Only metrics that changed, by name.
struct DayChange {
  absl::CivilDay day = {};
  uint64_t inserted = 0, updated = 0, removed = 0;  // rows; updated: those of which a metric differs
  std::vector<RestatedMetric> metrics = {};
  friend bool operator==(const DayChange&, const DayChange&) = default;
};

struct Restatement {
  std::string extract = {};
  std::string advertiser = {};
  std::string run_id = {};
  ChunkId chunk = 0;
  uint64_t epoch = 0;
  absl::Time settled = absl::InfinitePast();
  int age_days = 0;                                   // of the day in the account's zone, when it was settled
  Finality finality_before = Finality::kProvisional;  // of the day at the read before
  DayChange change = {};
};

// How much moved on days of one age.
struct Movement {
  int age_days = 0;
  std::string metric = {};
  uint64_t days = 0;
  double moved = 0;  // sum of RestatedSums::moved, to double precision: for comparing, not for accounts
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_RESTATEMENT_H_
