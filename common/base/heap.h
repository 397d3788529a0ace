// How much memory this process keeps that it does not use.
#ifndef TIKHAUL_COMMON_BASE_HEAP_H_
#define TIKHAUL_COMMON_BASE_HEAP_H_

namespace tikhaul {

// Messages, pages and batches come and go by the megabyte on many threads: glibc would keep an arena for each thread,
// and up to 64 MiB of what was freed in each. Call before other threads are started. More arenas: threads wait less for
// each other.
void KeepHeapSmall(int arenas);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_HEAP_H_
