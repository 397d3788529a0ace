// What the shim and the tests that steer it agree on.
#ifndef TIKHAUL_TESTS_SUPPORT_SHIM_SHIM_FILE_H_
#define TIKHAUL_TESTS_SUPPORT_SHIM_SHIM_FILE_H_

#include <cstdint>

namespace tikhaul {

// Names the file, of one ShimFile.
inline constexpr char kShimVariable[] = "TIKHAUL_TEST_SHIM";
// An answer with these words ends the process that receives it, as a bug in a decoder would.
inline constexpr char kPoison[] = "this-answer-kills";

struct ShimFile {
  volatile int64_t fsync_delay_us = 0;
  volatile int64_t clock_offset_us = 0;
  volatile int64_t poisonous = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_SHIM_SHIM_FILE_H_
