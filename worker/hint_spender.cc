#include "worker/hint_spender.h"

#include <utility>

#include "common/model/chunk_log.h"

namespace tikhaul {

HintSpender::HintSpender(RedisOptions redis, std::string consumer)
    : redis_(std::move(redis)), consumer_(std::move(consumer)) {
  thread_ = std::thread([this] { Loop(); });
}

HintSpender::~HintSpender() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    changed_.Signal();
  }
  thread_.join();
}

void HintSpender::Spend(const std::string& instance, const Hint& hint) {
  MutexLock lock(mu_);
  items_.push_back({instance, hint});
  changed_.Signal();
}

std::optional<HintSpender::Item> HintSpender::Next() {
  MutexLock lock(mu_);
  while (items_.empty() && !stopping_) changed_.Wait(mu_);
  if (items_.empty()) return std::nullopt;
  Item item = std::move(items_.front());
  items_.pop_front();
  return item;
}

void HintSpender::Loop() {
  std::unique_ptr<HintConsumer> queue;
  std::string instance;
  while (std::optional<Item> item = Next()) {
    if (queue == nullptr || instance != item->instance) {
      instance = item->instance;
      queue = std::make_unique<HintConsumer>(redis_, instance, consumer_);
    }
    const absl::Status status = queue->Spend(item->hint);
    if (!status.ok())
      LogChunk(LogLevel::kDebug, "a hint could not be spent", {.chunk = item->hint.chunk},
               {{"reason", status.message()}});
  }
}

}  // namespace tikhaul
