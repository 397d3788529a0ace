// GET campaign/get/, adgroup/get/ and ad/get/ (tiktok-api.md 6), and the same below smart_plus/ (8).
#ifndef TIKHAUL_SIMULATOR_ENTITY_ENDPOINT_H_
#define TIKHAUL_SIMULATOR_ENTITY_ENDPOINT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/entity_fields.h"
#include "simulator/entity_values.h"
#include "simulator/report_endpoint.h"

namespace tikhaul::simulator {

// Which list, and of what it shows.
struct EntityView {
  absl::string_view path;
  absl::string_view stream;  // of the truth
  Level level;
  bool smart_plus = false;  // upgraded Smart+ alone, with fields of their own (tiktok-api.md 8)
};
absl::Span<const EntityView> EntityViews();
// nullptr when there is none.
const EntityView* FindEntityView(absl::string_view path);

absl::Span<const EntityField> FieldsOf(const EntityView& view);
// Is the object in the list at `now`, whatever its status?
bool Shows(const EntityView& view, const Removals& removals, const Entity& entity, int64_t now);

// The page that `call` asks for; `now` are Unix seconds. In the sandbox entities lack their secondary_status
// (tiktok-api.md 2.4). Pure.
EndpointAnswer AnswerEntities(const DataSet& data_set, const EntityView& view, const Call& call, int64_t now,
                              bool sandbox, const PageTwist& twist);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ENTITY_ENDPOINT_H_
