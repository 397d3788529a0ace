#include "common/base/status_macros.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tikhaul {
namespace {

absl::StatusOr<std::unique_ptr<int>> Give(int value) {
  if (value < 0) return absl::OutOfRangeError("below zero");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b) {
  ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Give(a));
  ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Give(b));
  return *first + *second;
}

absl::Status Check(int value, int* reached) {
  RETURN_IF_ERROR(Give(value).status());
  ++*reached;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, AssignOrReturnTakesTheValueOrLeaves) {
  EXPECT_EQ(*Sum(2, 3), 5);
  EXPECT_TRUE(absl::IsOutOfRange(Sum(2, -1).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Sum(-1, 2).status()));
}

TEST(StatusMacrosTest, ReturnIfErrorGoesOnWhenAllIsWell) {
  int reached = 0;
  EXPECT_TRUE(Check(1, &reached).ok());
  EXPECT_TRUE(absl::IsOutOfRange(Check(-1, &reached)));
  EXPECT_EQ(reached, 1);
}

TEST(AnnotateTest, KeepsTheCodeAndPutsTheContextInFront) {
  const absl::Status status = Annotate(absl::NotFoundError("no such page"), "chunk 7");
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(status.message(), "chunk 7: no such page");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "chunk 7").ok());
}

}  // namespace
}  // namespace tikhaul
