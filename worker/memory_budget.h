// Bounds the bytes of answers and batches that a worker holds.
#ifndef TIKHAUL_WORKER_MEMORY_BUDGET_H_
#define TIKHAUL_WORKER_MEMORY_BUDGET_H_

#include <cstdint>
#include <functional>
#include <map>

#include "common/base/mutex.h"
#include "common/tiktok/client.h"

namespace tikhaul {

// Thread-safe. A page is asked for only while there is room for what it is expected to hold; where it turns out larger,
// the transport books the rest as it comes and stops reading while there is no room. What a page's rows take is booked
// when they are decoded, whether there is room or not. So the bound can be passed by one page and the rows of the pages
// that are being decoded, and is not grown further until it is met again.
class MemoryBudget : public BodyRoom {
 public:
  explicit MemoryBudget(uint64_t bytes) : limit_(bytes) {}

  bool Take(uint64_t bytes) override;
  void Force(uint64_t bytes) override { Change(0, bytes); }
  void Give(uint64_t bytes) override { Change(bytes, 0); }

  // Bytes booked by one holder; given back when destroyed. Movable. The budget must outlive it.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept { *this = std::move(other); }
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { Resize(0); }
    // Books `bytes` in place of what was booked. Never waits.
    void Resize(uint64_t bytes);
    uint64_t bytes() const { return bytes_; }

   private:
    friend class MemoryBudget;
    MemoryBudget* budget_ = nullptr;
    uint64_t bytes_ = 0;
  };

  // False: no room now. Then `wake` (which must not block, nor call the budget) is called once when bytes come back.
  // `waiter` names the caller for Forget().
  bool TryTake(uint64_t bytes, Lease* lease, const void* waiter, std::function<void()> wake);
  // A lease of no bytes, to be resized.
  Lease Empty();
  // `wake` of that waiter is not called after this returns.
  void Forget(const void* waiter);
  uint64_t used() const;

 private:
  void Change(uint64_t from, uint64_t to);

  const uint64_t limit_;
  mutable Mutex mu_;
  uint64_t used_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<const void*, std::function<void()>> waiters_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_MEMORY_BUDGET_H_
