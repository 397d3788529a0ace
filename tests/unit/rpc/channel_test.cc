#include "common/rpc/channel.h"

#include "gtest/gtest.h"

namespace tikhaul {
namespace {

TEST(ChannelTest, PlaintextStaysOnTheMachineUnlessAllowed) {
  for (const char* address :
       {"127.0.0.1:7733", "localhost:1", "[::1]:7733", "0.0.0.0:7733", "[::]:7733", "unix:/tmp/c.sock"}) {
    EXPECT_TRUE(OpenChannel(address, false).ok()) << address;
  }
  for (const char* address :
       {"10.0.0.1:7733", "coordinator:7733", "127.0.0.1.evil.example:7733", "[2001:db8::1]:7733"}) {
    EXPECT_EQ(OpenChannel(address, false).status().code(), absl::StatusCode::kFailedPrecondition) << address;
    EXPECT_TRUE(OpenChannel(address, true).ok()) << address;
  }
}

TEST(ChannelTest, OtherFormsAreRefused) {
  for (const char* address : {"", "coordinator", ":7733", "host:", "dns:///x"}) {
    EXPECT_EQ(OpenChannel(address, true).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

}  // namespace
}  // namespace tikhaul
