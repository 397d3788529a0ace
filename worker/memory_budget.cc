#include "worker/memory_budget.h"

#include <utility>

namespace tikhaul {

MemoryBudget::Lease& MemoryBudget::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  Resize(0);
  budget_ = std::exchange(other.budget_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

void MemoryBudget::Lease::Resize(uint64_t bytes) {
  if (budget_ == nullptr || bytes == bytes_) return;
  budget_->Change(bytes_, bytes);
  bytes_ = bytes;
}

bool MemoryBudget::TryTake(uint64_t bytes, Lease* lease, const void* waiter, std::function<void()> wake) {
  {
    MutexLock lock(mu_);
    if (used_ > 0 && used_ + bytes > limit_) {
      waiters_[waiter] = std::move(wake);
      return false;
    }
    used_ += bytes;
  }
  Lease taken;
  taken.budget_ = this;
  taken.bytes_ = bytes;
  *lease = std::move(taken);
  return true;
}

bool MemoryBudget::Take(uint64_t bytes) {
  MutexLock lock(mu_);
  if (used_ > 0 && used_ + bytes > limit_) return false;
  used_ += bytes;
  return true;
}

MemoryBudget::Lease MemoryBudget::Empty() {
  Lease lease;
  lease.budget_ = this;
  return lease;
}

void MemoryBudget::Forget(const void* waiter) {
  MutexLock lock(mu_);
  waiters_.erase(waiter);
}

uint64_t MemoryBudget::used() const {
  MutexLock lock(mu_);
  return used_;
}

void MemoryBudget::Change(uint64_t from, uint64_t to) {
  MutexLock lock(mu_);
  used_ = used_ - from + to;
  if (to >= from) return;
  for (const auto& [waiter, wake] : waiters_) wake();
  waiters_.clear();
}

}  // namespace tikhaul
