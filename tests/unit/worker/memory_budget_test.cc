#include "worker/memory_budget.h"

#include "gtest/gtest.h"

namespace tikhaul {
namespace {

TEST(MemoryBudgetTest, BooksUpToItsLimitAndWakesThoseWhoWait) {
  MemoryBudget budget(100);
  MemoryBudget::Lease first, second;
  int woken = 0;
  ASSERT_TRUE(budget.TryTake(60, &first, &first, [] {}));
  ASSERT_FALSE(budget.TryTake(60, &second, &second, [&] { ++woken; }));
  EXPECT_EQ(woken, 0);
  first.Resize(30);
  EXPECT_EQ(woken, 1);
  ASSERT_TRUE(budget.TryTake(60, &second, &second, [&] { ++woken; }));
  EXPECT_EQ(budget.used(), 90u);
  second = MemoryBudget::Lease();
  EXPECT_EQ(budget.used(), 30u);
  EXPECT_EQ(woken, 1);  // nobody waited any more
}

TEST(MemoryBudgetTest, OnePageIsAlwaysAllowed) {
  MemoryBudget budget(10);
  MemoryBudget::Lease lease, other;
  EXPECT_TRUE(budget.TryTake(1000, &lease, &lease, [] {}));
  EXPECT_FALSE(budget.TryTake(1, &other, &other, [] {}));
}

TEST(MemoryBudgetTest, GivesRoomToBodiesWithinItsLimit) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.Take(60));
  EXPECT_FALSE(budget.Take(60));
  budget.Force(60);
  EXPECT_EQ(budget.used(), 120u);
  MemoryBudget::Lease lease;
  bool woken = false;
  EXPECT_FALSE(budget.TryTake(10, &lease, &budget, [&] { woken = true; }));
  budget.Give(120);
  EXPECT_TRUE(woken);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudgetTest, GrowingNeverWaits) {
  MemoryBudget budget(10);
  MemoryBudget::Lease lease = budget.Empty();
  lease.Resize(50);
  EXPECT_EQ(budget.used(), 50u);
  MemoryBudget::Lease moved = std::move(lease);
  EXPECT_EQ(budget.used(), 50u);
  EXPECT_EQ(moved.bytes(), 50u);
}

TEST(MemoryBudgetTest, ForgottenWaitersAreNotWoken) {
  MemoryBudget budget(10);
  MemoryBudget::Lease lease, other;
  ASSERT_TRUE(budget.TryTake(10, &lease, &lease, [] {}));
  bool woken = false;
  ASSERT_FALSE(budget.TryTake(10, &other, &other, [&] { woken = true; }));
  budget.Forget(&other);
  lease.Resize(0);
  EXPECT_FALSE(woken);
}

}  // namespace
}  // namespace tikhaul
