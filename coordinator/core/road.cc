#include "coordinator/core/road.h"

#include <algorithm>
#include <cmath>

namespace tikhaul {
namespace {

constexpr uint64_t kTaskCalls = 5;
constexpr uint64_t kFewestPages = 20;       // fewer are read before a task is half done
constexpr uint64_t kMostTasksADay = 4'000;  // of 4,500 (section 3.3): the rest is for chunks that have no other road
constexpr int kMostFailures = 2;

}  // namespace

Road ChooseRoad(const RoadInput& input) {
  if (input.open != RoadsOpen::kBoth) return input.open == RoadsOpen::kTask ? Road::kTask : Road::kPages;
  if (input.learnt.has_value()) return *input.learnt;
  if (input.failures >= kMostFailures || input.tasks_today >= kMostTasksADay) return Road::kPages;
  return CallsBy(Road::kPages, input.rows, input.page_size) >= kFewestPages ? Road::kTask : Road::kPages;
}

uint64_t CallsBy(Road road, double rows, uint32_t page_size) {
  if (road == Road::kTask) return kTaskCalls;
  if (page_size == 0) return 1;
  return static_cast<uint64_t>(std::max(1.0, std::ceil(rows / page_size)));
}

}  // namespace tikhaul
