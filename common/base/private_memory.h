// What a process knows stays in it.
#ifndef TIKHAUL_COMMON_BASE_PRIVATE_MEMORY_H_
#define TIKHAUL_COMMON_BASE_PRIVATE_MEMORY_H_

namespace tikhaul {

// No core dump is written of this process, and no other process of the same user may look into its memory. Call first
// in main. Under the address sanitizer, which looks into its own process, it does nothing.
void KeepMemoryPrivate();

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_PRIVATE_MEMORY_H_
