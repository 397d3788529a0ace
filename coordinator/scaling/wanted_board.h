// How many workers the lead wants, for those of its process who tell others.
#ifndef TIKHAUL_COORDINATOR_SCALING_WANTED_BOARD_H_
#define TIKHAUL_COORDINATOR_SCALING_WANTED_BOARD_H_

#include <atomic>
#include <cstdint>
#include <optional>

namespace tikhaul {

// Thread-safe. Empty where this coordinator does not lead, or does not know yet.
class WantedBoard {
 public:
  void Set(uint32_t workers) { workers_ = workers; }
  void Clear() { workers_ = -1; }
  std::optional<uint32_t> Get() const {
    const int64_t workers = workers_;
    if (workers < 0) return std::nullopt;
    return static_cast<uint32_t>(workers);
  }

 private:
  std::atomic<int64_t> workers_{-1};
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SCALING_WANTED_BOARD_H_
