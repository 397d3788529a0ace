#include "common/model/names.h"

#include <array>
#include <utility>

namespace tikhaul {
namespace {

template <typename Enum>
struct NameTable;

#define TIKHAUL_NAMES(Enum, ...)                                                                     \
  template <>                                                                                        \
  struct NameTable<Enum> {                                                                           \
    static constexpr auto kEntries = std::to_array<std::pair<Enum, absl::string_view>>(__VA_ARGS__); \
  };                                                                                                 \
  absl::string_view NameOf(Enum value) {                                                             \
    for (const auto& entry : NameTable<Enum>::kEntries) {                                            \
      if (entry.first == value) return entry.second;                                                 \
    }                                                                                                \
    return "unknown";                                                                                \
  }

TIKHAUL_NAMES(ColumnType, {{ColumnType::kInt64, "int64"},
                           {ColumnType::kDecimal, "decimal"},
                           {ColumnType::kString, "string"},
                           {ColumnType::kDate, "date"},
                           {ColumnType::kTimestamp, "timestamp"},
                           {ColumnType::kJson, "json"},
                           {ColumnType::kBool, "bool"},
                           {ColumnType::kLocalHour, "local_hour"}})
TIKHAUL_NAMES(WriteMode,
              {{WriteMode::kMerge, "merge"}, {WriteMode::kAppend, "append"}, {WriteMode::kReplace, "replace"}})
TIKHAUL_NAMES(WindowKind,
              {{WindowKind::kDays, "days"}, {WindowKind::kCreated, "created"}, {WindowKind::kWhole, "whole"}})
TIKHAUL_NAMES(ChunkState, {{ChunkState::kReady, "ready"},
                           {ChunkState::kRunning, "running"},
                           {ChunkState::kDone, "done"},
                           {ChunkState::kSplit, "split"},
                           {ChunkState::kCancelled, "cancelled"},
                           {ChunkState::kDead, "dead"}})
TIKHAUL_NAMES(RunKind, {{RunKind::kBackfill, "backfill"}, {RunKind::kIncrement, "increment"}})
TIKHAUL_NAMES(RunState, {{RunState::kRunning, "running"},
                         {RunState::kDone, "done"},
                         {RunState::kPartial, "partial"},
                         {RunState::kCancelled, "cancelled"}})
TIKHAUL_NAMES(FailureClass, {{FailureClass::kTransient, "transient"},
                             {FailureClass::kThrottled, "throttled"},
                             {FailureClass::kAuth, "auth"},
                             {FailureClass::kPermission, "permission"},
                             {FailureClass::kPermanent, "permanent"},
                             {FailureClass::kTooBig, "too_big"},
                             {FailureClass::kDrift, "drift"},
                             {FailureClass::kCrash, "crash"},
                             {FailureClass::kStore, "store"},
                             {FailureClass::kReleased, "released"},
                             {FailureClass::kTruncated, "truncated"},
                             {FailureClass::kUnreachable, "unreachable"},
                             {FailureClass::kUnknownCode, "unknown_code"}})
TIKHAUL_NAMES(Road, {{Road::kPages, "pages"}, {Road::kTask, "task"}})
TIKHAUL_NAMES(Finality,
              {{Finality::kProvisional, "provisional"}, {Finality::kSettling, "settling"}, {Finality::kFinal, "final"}})
TIKHAUL_NAMES(AccessState, {{AccessState::kUnknown, "unknown"},
                            {AccessState::kOpen, "open"},
                            {AccessState::kNoGrant, "no_grant"},
                            {AccessState::kAccountDead, "account_dead"}})

#undef TIKHAUL_NAMES

}  // namespace

absl::string_view Name(ColumnType value) { return NameOf(value); }
absl::string_view Name(WriteMode value) { return NameOf(value); }
absl::string_view Name(WindowKind value) { return NameOf(value); }
absl::string_view Name(ChunkState value) { return NameOf(value); }
absl::string_view Name(RunKind value) { return NameOf(value); }
absl::string_view Name(RunState value) { return NameOf(value); }
absl::string_view Name(FailureClass value) { return NameOf(value); }
absl::string_view Name(Road value) { return NameOf(value); }
absl::string_view Name(Finality value) { return NameOf(value); }
absl::string_view Name(AccessState value) { return NameOf(value); }

template <typename Enum>
std::optional<Enum> FromName(absl::string_view name) {
  for (const auto& entry : NameTable<Enum>::kEntries) {
    if (entry.second == name) return entry.first;
  }
  return std::nullopt;
}

template std::optional<ColumnType> FromName<ColumnType>(absl::string_view);
template std::optional<WriteMode> FromName<WriteMode>(absl::string_view);
template std::optional<WindowKind> FromName<WindowKind>(absl::string_view);
template std::optional<ChunkState> FromName<ChunkState>(absl::string_view);
template std::optional<RunKind> FromName<RunKind>(absl::string_view);
template std::optional<RunState> FromName<RunState>(absl::string_view);
template std::optional<FailureClass> FromName<FailureClass>(absl::string_view);
template std::optional<Road> FromName<Road>(absl::string_view);
template std::optional<Finality> FromName<Finality>(absl::string_view);
template std::optional<AccessState> FromName<AccessState>(absl::string_view);

}  // namespace tikhaul
