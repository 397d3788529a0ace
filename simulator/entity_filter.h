// The `filtering` object of campaign/get/, adgroup/get/ and ad/get/ (tiktok-api.md 6.1).
#ifndef TIKHAUL_SIMULATOR_ENTITY_FILTER_H_
#define TIKHAUL_SIMULATOR_ENTITY_FILTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "simulator/entity_values.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {

struct EntityFilter {
  absl::flat_hash_set<uint64_t> campaigns, groups, ads;
  std::vector<Buying> buying = {Buying::kAuction, Buying::kReachAndFrequency};
  bool promote = false;        // campaign_system_origins holds PROMOTE
  bool ads_platform = true;    // ... holds TT_ADS_PLATFORM
  std::string primary_status;  // empty: STATUS_NOT_DELETE unless the secondary status says otherwise
  std::string secondary_status;
  std::optional<int64_t> created_from, created_to, modified_after;  // Unix seconds, inclusive
  std::string name_part;                                            // of the level's own name
  // Fields whose JSON text must be one of the given ones.
  struct FieldIs {
    std::string field;
    std::vector<std::string> json;
  };
  std::vector<FieldIs> fields;

  bool TopViewOnly() const { return buying.size() == 1 && buying[0] == Buying::kTopView; }
};

// Faults go to `in`.
EntityFilter ReadEntityFilter(ParamReader& in, Level level);
bool Passes(const EntityFilter& filter, const Entity& entity, int64_t now);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ENTITY_FILTER_H_
