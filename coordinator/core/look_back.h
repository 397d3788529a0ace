// How far back increments of one extract and advertiser read again, learned from what re-reads have shown. Pure.
//
// Two things are read again: the look-back, at every increment, long enough that (almost) all change falls into it; and
// every few days (check_days) all days that are not final, so that late changes are seen, too, wherever they come: from
// these the look-back learns to grow, and each day gets its last read after limit_days.
#ifndef TIKHAUL_COORDINATOR_CORE_LOOK_BACK_H_
#define TIKHAUL_COORDINATOR_CORE_LOOK_BACK_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "common/model/restatement.h"

namespace tikhaul {

struct LookBackRule {
  absl::TimeZone zone = {};  // of the account
  int least_days = 2;        // LeastLookBack
  int first_days = 7;        // until enough is known
  int limit_days = 28;       // of the look-back, and after which a day is final when nothing moves; >= first_days
  int check_days = 7;
};

// The look-back that still reads each day again once its figures are complete, `lag` after its end (finality.h).
int LeastLookBack(absl::Duration lag);

// Learned is from what was settled at or after this instant.
absl::Time LearnedSince(absl::Time now);
// The oldest day that matters, where `newest` is the newest committed day.
absl::CivilDay OldestDayToLearnFrom(const LookBackRule& rule, absl::CivilDay newest);

// All of one extract and advertiser.
struct LookBackInput {
  LookBackRule rule = {};
  absl::Time now = absl::InfinitePast();
  std::vector<Coverage> committed = {};  // normal form (coverage.h)
  std::vector<LedgerEntry> ledger = {};  // in any order, at least all that touch OldestDayToLearnFrom or a later day
  std::vector<Movement> movement = {};   // since LearnedSince
  std::vector<Restatement> late = {};    // at least those of days older than limit_days when they were settled
};

struct LookBack {
  int days = 1;                      // as IncrementInput::look_back_days
  std::string why = {};              // a sentence without its full stop
  std::vector<Coverage> check = {};  // committed days to read again beside it; empty until check_days have gone by
};

LookBack LearnLookBack(const LookBackInput& input);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_LOOK_BACK_H_
