#include "common/base/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tikhaul {
namespace {

TEST(MutexTest, KeepsThreadsApart) {
  Mutex mu;
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5000; ++j) {
        MutexLock lock(mu);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 20000);
}

TEST(CondVarTest, ASignalEndsTheWait) {
  Mutex mu;
  CondVar changed;
  bool ready = false;
  std::thread other([&] {
    MutexLock lock(mu);
    ready = true;
    changed.SignalAll();
  });
  {
    MutexLock lock(mu);
    while (!ready) changed.Wait(mu);
  }
  other.join();
  EXPECT_TRUE(ready);
}

TEST(CondVarTest, AWaitWithoutASignalTimesOut) {
  Mutex mu;
  CondVar changed;
  MutexLock lock(mu);
  bool signalled = true;
  for (int i = 0; i < 100 && signalled; ++i)
    signalled = changed.WaitFor(mu, absl::Milliseconds(1));  // may wake for nothing
  EXPECT_FALSE(signalled);
}

TEST(CondVarTest, AnEndlessTimeoutWaitsForTheSignal) {
  Mutex mu;
  CondVar changed;
  bool ready = false;
  int empty_rounds = 0;
  mu.Lock();
  std::thread other([&] {
    MutexLock lock(mu);  // only while the other side waits
    ready = true;
    changed.Signal();
  });
  while (!ready) {
    if (!changed.WaitFor(mu, absl::InfiniteDuration())) ++empty_rounds;
  }
  mu.Unlock();
  other.join();
  EXPECT_EQ(empty_rounds, 0);
}

}  // namespace
}  // namespace tikhaul
