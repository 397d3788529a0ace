// The values of entity fields at a moment.
#ifndef TIKHAUL_SIMULATOR_ENTITY_VALUES_H_
#define TIKHAUL_SIMULATOR_ENTITY_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "simulator/data_set.h"
#include "simulator/entity_fields.h"

namespace tikhaul::simulator {

// One object with its parents. Parents that its level does not have are nullptr.
struct Entity {
  const Account* account;
  Level level;
  const Object* self;
  const Object* campaign;
  const Object* group;
};
Entity EntityAt(const Account& account, Level level, uint32_t index);

// Appends the field's JSON text. False, with nothing appended, when the object does not have the field at all.
bool AppendField(const Entity& entity, const EntityField& field, int64_t now, std::string& out);
// "AD_STATUS_DELIVERY_OK"
absl::string_view SecondaryStatus(const Entity& entity, int64_t now);
// Unix seconds.
int64_t ModifiedAt(const Object& object, int64_t now);
// "YYYY-MM-DD HH:MM:SS", UTC.
std::string FormatUtc(int64_t seconds);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ENTITY_VALUES_H_
