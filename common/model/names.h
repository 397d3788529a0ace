// The names of enumerations as people, logs, JSON and the store spell them.
#ifndef TIKHAUL_COMMON_MODEL_NAMES_H_
#define TIKHAUL_COMMON_MODEL_NAMES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "common/model/chunk.h"
#include "common/model/row_batch.h"
#include "common/model/table.h"

namespace tikhaul {

absl::string_view Name(ColumnType value);
absl::string_view Name(WriteMode value);
absl::string_view Name(WindowKind value);
absl::string_view Name(ChunkState value);
absl::string_view Name(RunKind value);
absl::string_view Name(RunState value);
absl::string_view Name(FailureClass value);
absl::string_view Name(Road value);
absl::string_view Name(Finality value);
absl::string_view Name(AccessState value);

// The value of that name, of any enumeration above: FromName<ChunkState>("ready"). Nothing for other names.
template <typename Enum>
std::optional<Enum> FromName(absl::string_view name);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_NAMES_H_
