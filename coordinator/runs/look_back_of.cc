#include "coordinator/runs/look_back_of.h"

#include <algorithm>

#include "common/base/status_macros.h"

namespace tikhaul {

absl::StatusOr<LookBack> LookBackOf(StoreReader& reader, const RegisteredExtract& extract,
                                    const std::string& advertiser, absl::TimeZone zone, absl::Time now) {
  const v1::Extract& spec = extract.spec;
  if (!spec.look_back_auto()) {
    return LookBack{.days = std::max(1, static_cast<int>(spec.look_back_days())), .why = "configured"};
  }
  LookBackInput input{.rule = {.zone = zone,
                               .least_days = LeastLookBack(extract.lag),
                               .first_days = static_cast<int>(spec.look_back_days()),
                               .limit_days = static_cast<int>(spec.look_back_limit_days()),
                               .check_days = static_cast<int>(spec.look_back_check_days())},
                      .now = now};
  ASSIGN_OR_RETURN(input.committed, reader.ListCoverage(spec.name(), advertiser));
  if (input.committed.empty()) return LearnLookBack(input);
  const absl::CivilDay oldest = OldestDayToLearnFrom(input.rule, input.committed.back().last);
  ASSIGN_OR_RETURN(input.ledger,
                   reader.ListLedger({.extract = spec.name(), .advertiser = advertiser, .first_day = oldest}, 0, 0));
  ASSIGN_OR_RETURN(input.movement, reader.ListMovement(spec.name(), advertiser, LearnedSince(now)));
  ASSIGN_OR_RETURN(input.late, reader.ListRestatements({.extract = spec.name(),
                                                        .advertiser = advertiser,
                                                        .first_day = oldest,
                                                        .last_day = {},
                                                        .least_age_days = input.rule.limit_days + 1},
                                                       0, 0));
  return LearnLookBack(input);
}

}  // namespace tikhaul
