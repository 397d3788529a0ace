#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <vector>

#include "coordinator/server/connection_count.h"
#include "coordinator/server/stream_limit.h"

namespace tikhaul {
namespace {

class Socket {
 public:
  Socket() : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {}
  ~Socket() { Close(); }
  int fd() const { return fd_; }
  void Close() {
    if (open_) close(fd_);
    open_ = false;
  }

 private:
  const int fd_;
  bool open_ = true;
};

// Long after the call before.
absl::Duration Later() {
  static absl::Duration now;
  return now += absl::Seconds(1);
}

TEST(ConnectionCountTest, BoundsEachPeerAndAll) {
  ConnectionCount count({.all = 3, .per_peer = 2});
  std::array<Socket, 5> sockets;
  EXPECT_TRUE(count.Admit(sockets[0].fd(), "a", Later()));
  EXPECT_TRUE(count.Admit(sockets[1].fd(), "a", Later()));
  EXPECT_FALSE(count.Admit(sockets[2].fd(), "a", Later())) << "two of one peer";
  EXPECT_TRUE(count.Admit(sockets[3].fd(), "b", Later()));
  EXPECT_FALSE(count.Admit(sockets[4].fd(), "c", Later())) << "three of all";
}

TEST(ConnectionCountTest, WhatSomebodyClosedDoesNotCount) {
  ConnectionCount count({.all = 10, .per_peer = 2});
  std::array<Socket, 3> sockets;
  EXPECT_TRUE(count.Admit(sockets[0].fd(), "a", Later()));
  EXPECT_TRUE(count.Admit(sockets[1].fd(), "a", Later()));
  sockets[0].Close();
  EXPECT_TRUE(count.Admit(sockets[2].fd(), "a", Later()));
  const Socket another;  // of another peer, under the descriptor that is free again
  EXPECT_TRUE(count.Admit(another.fd(), "b", Later()));
  sockets[1].Close();
  const Socket next;
  EXPECT_TRUE(count.Admit(next.fd(), "a", Later()));
}

// The descriptor is open again, but not as the connection that was counted.
TEST(ConnectionCountTest, ADescriptorThatIsUsedAgainDoesNotCount) {
  ConnectionCount count({.all = 10, .per_peer = 1});
  Socket first;
  EXPECT_TRUE(count.Admit(first.fd(), "a", Later()));
  first.Close();
  const Socket mine;  // some other socket of the process
  ASSERT_EQ(mine.fd(), first.fd());
  const Socket second;
  EXPECT_TRUE(count.Admit(second.fd(), "a", Later()));
}

TEST(ConnectionCountTest, AFloodIsNotLookedOverForEachConnection) {
  ConnectionCount count({.all = 10, .per_peer = 1});
  std::array<Socket, 3> sockets;
  EXPECT_TRUE(count.Admit(sockets[0].fd(), "a", absl::Seconds(1)));
  EXPECT_FALSE(count.Admit(sockets[1].fd(), "a", absl::Seconds(2)));
  sockets[0].Close();
  EXPECT_FALSE(count.Admit(sockets[2].fd(), "a", absl::Seconds(2) + ConnectionCount::kSweepEvery / 2));
  EXPECT_TRUE(count.Admit(sockets[2].fd(), "a", absl::Seconds(2) + ConnectionCount::kSweepEvery));
}

class StreamLimitTest : public ::testing::Test {
 protected:
  std::unique_ptr<StreamLimit::Place> Open(const std::string& peer) {
    return std::make_unique<StreamLimit::Place>(limit_, peer, [this] { ++cancelled_; });
  }

  ManualClock clock_{absl::FromUnixSeconds(1000000000)};
  StreamLimit limit_{clock_, 2};
  int cancelled_ = 0;
};

TEST_F(StreamLimitTest, CountsByHost) {
  const auto one = Open("ipv4:10.0.0.1:1"), six = Open("ipv6:[::1]:5"), other = Open("ipv4:10.0.0.2:1");
  auto two = Open("ipv4:10.0.0.1:2");
  EXPECT_TRUE(one->granted() && two->granted() && six->granted() && other->granted());
  EXPECT_FALSE(Open("ipv4:10.0.0.1:3")->granted());
  two.reset();
  EXPECT_TRUE(Open("ipv4:10.0.0.1:4")->granted());
}

TEST_F(StreamLimitTest, CancelsOnceWhatStaysSilent) {
  const auto silent = Open("unix:"), speaks = Open("unix:");
  speaks->Spoke();
  clock_.Advance(StreamLimit::kClaimPatience);
  limit_.Watch();
  EXPECT_EQ(cancelled_, 0);
  clock_.Advance(absl::Seconds(1));
  limit_.Watch();
  limit_.Watch();
  EXPECT_EQ(cancelled_, 1);
}

}  // namespace
}  // namespace tikhaul
