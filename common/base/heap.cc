#include "common/base/heap.h"

#include <malloc.h>

namespace tikhaul {

void KeepHeapSmall(int arenas) {
  mallopt(M_ARENA_MAX, arenas);
  // Ordinary pages stay below it: mapping each anew took a sixth of a worker's time.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

}  // namespace tikhaul
