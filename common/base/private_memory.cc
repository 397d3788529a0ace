#include "common/base/private_memory.h"

#include <sys/prctl.h>

namespace tikhaul {

void KeepMemoryPrivate() {
#ifndef __SANITIZE_ADDRESS__
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

}  // namespace tikhaul
