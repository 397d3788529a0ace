#include "common/model/names.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tikhaul {
namespace {

// All values from `first` to `last` have names of their own that lead back to them; those beside have none.
template <typename Enum>
void CheckNames(int first, int last) {
  std::set<std::string> names;
  for (int i = first; i <= last; ++i) {
    const absl::string_view name = Name(static_cast<Enum>(i));
    EXPECT_NE(name, "unknown") << i;
    EXPECT_EQ(FromName<Enum>(name), static_cast<Enum>(i)) << name;
    names.insert(std::string(name));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(last - first + 1));
  EXPECT_EQ(Name(static_cast<Enum>(last + 1)), "unknown");
  EXPECT_EQ(Name(static_cast<Enum>(first + 200)), "unknown");
  EXPECT_EQ(FromName<Enum>("unknown"), std::nullopt);
  EXPECT_EQ(FromName<Enum>(""), std::nullopt);
}

TEST(NamesTest, EveryValueHasItsName) {
  CheckNames<ColumnType>(0, static_cast<int>(ColumnType::kLocalHour));
  CheckNames<WriteMode>(0, static_cast<int>(WriteMode::kReplace));
  CheckNames<WindowKind>(0, static_cast<int>(WindowKind::kWhole));
  CheckNames<ChunkState>(0, static_cast<int>(ChunkState::kDead));
  CheckNames<RunKind>(0, static_cast<int>(RunKind::kIncrement));
  CheckNames<RunState>(0, static_cast<int>(RunState::kCancelled));
  CheckNames<FailureClass>(1, static_cast<int>(FailureClass::kUnknownCode));
  CheckNames<Road>(0, static_cast<int>(Road::kTask));
  CheckNames<Finality>(0, static_cast<int>(Finality::kFinal));
}

TEST(NamesTest, NamesInStoresNeverChange) {
  EXPECT_EQ(Name(ChunkState::kReady), "ready");
  EXPECT_EQ(Name(FailureClass::kTooBig), "too_big");
  EXPECT_EQ(Name(Finality::kProvisional), "provisional");
  EXPECT_EQ(Name(WriteMode::kMerge), "merge");
  EXPECT_EQ(Name(ColumnType::kLocalHour), "local_hour");
}

}  // namespace
}  // namespace tikhaul
