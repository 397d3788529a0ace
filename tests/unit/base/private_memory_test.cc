#include "common/base/private_memory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace tikhaul {
namespace {

TEST(PrivateMemoryTest, TheProcessIsNotDumped) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer looks into its own process";
#endif
  ASSERT_EQ(prctl(PR_GET_DUMPABLE), 1);
  EXPECT_EXIT(
      {
        KeepMemoryPrivate();
        _exit(prctl(PR_GET_DUMPABLE));
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace tikhaul
