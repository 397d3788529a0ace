// Takes spent hints off the queue without holding up the chunks they were for.
#ifndef TIKHAUL_WORKER_HINT_SPENDER_H_
#define TIKHAUL_WORKER_HINT_SPENDER_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "common/base/mutex.h"
#include "common/queue/hint_queue.h"

namespace tikhaul {

// Thread-safe. Has a thread and a Redis connection of its own. A hint that cannot be spent stays pending, is claimed
// once more by whoever reclaims it, and is refused then: no harm.
class HintSpender {
 public:
  HintSpender(RedisOptions redis, std::string consumer);
  ~HintSpender();  // spends what is left, as far as Redis answers

  // `instance` names the queue the hint came from.
  void Spend(const std::string& instance, const Hint& hint);

 private:
  struct Item {
    std::string instance;
    Hint hint;
  };
  void Loop();
  std::optional<Item> Next();

  const RedisOptions redis_;
  const std::string consumer_;
  Mutex mu_;
  CondVar changed_;
  std::deque<Item> items_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_HINT_SPENDER_H_
