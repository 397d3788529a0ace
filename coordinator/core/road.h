// By which road a chunk is read: page by page, or by an asynchronous report (tiktok-api.md 5).
#ifndef TIKHAUL_COORDINATOR_CORE_ROAD_H_
#define TIKHAUL_COORDINATOR_CORE_ROAD_H_

#include <cstdint>
#include <optional>

#include "common/model/chunk.h"

namespace tikhaul {

// What the configuration and the catalogue leave open for an extract.
enum class RoadsOpen { kPages, kBoth, kTask };

struct RoadInput {
  RoadsOpen open = RoadsOpen::kPages;
  // What reading the extract and advertiser has shown: kTask, pages cannot be made whole; kPages, tasks are refused.
  std::optional<Road> learnt;
  double rows = 0;  // that the window is expected to have; 0: not known
  uint32_t page_size = 0;
  int failures = 0;          // of this chunk, transient
  uint64_t tasks_today = 0;  // made by this coordinator on this UTC day
};

// Where both are open: by a task when that costs far fewer calls, as long as enough tasks are left for today and this
// one does not fail. Small chunks come by pages, since a task takes its time.
Road ChooseRoad(const RoadInput& input);

// API calls for so many rows, without what failures add: for a task its making, three looks at it and its text.
uint64_t CallsBy(Road road, double rows, uint32_t page_size);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_ROAD_H_
