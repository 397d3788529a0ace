#include "cli/admin_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

TEST(DialAddressTest, TurnsAnyInterfaceIntoLoopback) {
  EXPECT_EQ(DialAddress("0.0.0.0:7733"), "127.0.0.1:7733");
  EXPECT_EQ(DialAddress("[::]:7733"), "127.0.0.1:7733");
  EXPECT_EQ(DialAddress("10.0.0.5:7733"), "10.0.0.5:7733");
  EXPECT_EQ(DialAddress("unix:/run/t.sock"), "unix:/run/t.sock");
}

TEST(IsLocalAddressTest, KnowsThisMachine) {
  for (const char* address : {"unix:/run/t.sock", "127.0.0.1:1", "127.1.2.3:1", "localhost:1", "[::1]:1"}) {
    EXPECT_TRUE(IsLocalAddress(address)) << address;
  }
  for (const char* address : {"10.0.0.5:1", "coordinator:7733", "localhost.example.com:1"}) {
    EXPECT_FALSE(IsLocalAddress(address)) << address;
  }
}

TEST(ExplainRpcErrorTest, SaysWhatToDoWhenNobodyAnswers) {
  const absl::Status status = ExplainRpcError({grpc::StatusCode::UNAVAILABLE, "failed to connect to all addresses"},
                                              "127.0.0.1:7733", absl::Seconds(10));
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(
      std::string(status.message()),
      HasSubstr("no coordinator answers at 127.0.0.1:7733: start one with `tikhaul local` or `tikhaul-coordinator`"));
}

TEST(ExplainRpcErrorTest, PassesTheCoordinatorsOwnWordsOn) {
  const absl::Status status =
      ExplainRpcError({grpc::StatusCode::UNAVAILABLE, "the store is full"}, "127.0.0.1:7733", absl::Seconds(10));
  EXPECT_EQ(status, absl::UnavailableError("the store is full"));
  EXPECT_EQ(ExplainRpcError({grpc::StatusCode::INVALID_ARGUMENT, "no extract \"x\""}, "a", absl::Seconds(1)),
            absl::InvalidArgumentError("no extract \"x\""));
}

TEST(ExplainRpcErrorTest, NamesTheTimeThatPassed) {
  const absl::Status status = ExplainRpcError({grpc::StatusCode::DEADLINE_EXCEEDED, ""}, "a:1", absl::Seconds(10));
  EXPECT_THAT(std::string(status.message()), HasSubstr("did not answer within 10 s"));
}

}  // namespace
}  // namespace tikhaul
