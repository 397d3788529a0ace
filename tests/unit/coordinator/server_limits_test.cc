#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/server/connection_count.h"
#include "coordinator/server/memory_guard.h"
#include "coordinator/server/stream_limit.h"
#include "tests/support/free_port.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;

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

// Two ends of a TCP connection over loopback.
class Connection {
 public:
  Connection() {
    const HeldPort listener;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(listener.port()));
    EXPECT_EQ(connect(theirs_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    ours_ = accept(listener.fd(), nullptr, nullptr);
  }
  ~Connection() {
    close(theirs_);
    close(ours_);
  }
  int ours() const { return ours_; }
  void Bring(size_t bytes) const {
    std::string piece(1 << 10, 'x');
    for (size_t brought = 0; brought < bytes; brought += piece.size()) {
      EXPECT_EQ(send(theirs_, piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
      EXPECT_EQ(recv(ours_, piece.data(), piece.size(), MSG_WAITALL), static_cast<ssize_t>(piece.size()));
    }
  }
  bool Ended() const {
    char byte = 0;
    return recv(theirs_, &byte, 1, MSG_DONTWAIT) != -1 || errno == ECONNRESET;
  }

 private:
  const int theirs_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int ours_ = -1;
};

class MemoryGuardTest : public ::testing::Test {
 protected:
  static constexpr size_t kMost = 1 << 20, kLittle = 10 << 10, kMuch = 200 << 10;

  MemoryGuardTest() {
    for (const Connection& connection : connections_) EXPECT_TRUE(count_.Admit(connection.ours(), "a", Later()));
  }
  std::vector<bool> Ended() const {
    return {connections_[0].Ended(), connections_[1].Ended(), connections_[2].Ended()};
  }

  size_t resident_ = 0, in_use_ = 0;
  int given_back_ = 0;
  ConnectionCount count_{{.all = 10, .per_peer = 10}};
  std::array<Connection, 3> connections_;
  MemoryGuard guard_{kMost, {[this] { return resident_; }, [this] { return in_use_; }, [this] { ++given_back_; }}};
};

TEST_F(MemoryGuardTest, EndsThoseThatBringMostUntilItIsEnough) {
  connections_[0].Bring(kMuch);
  connections_[1].Bring(kLittle);
  connections_[2].Bring(2 * kMuch);
  resident_ = in_use_ = kMost;
  guard_.Watch(count_, Later());
  EXPECT_THAT(Ended(), ElementsAre(false, false, false)) << "enough memory";
  resident_ = 2 * kMost;
  guard_.Watch(count_, Later());
  EXPECT_THAT(Ended(), ElementsAre(false, false, false)) << "what is not given back is not used";
  EXPECT_EQ(given_back_, 1);
  in_use_ = kMost + 1;
  guard_.Watch(count_, Later());
  EXPECT_THAT(Ended(), ElementsAre(true, false, true)) << "both together brought half of what may be used";
}

TEST_F(MemoryGuardTest, GivesTheMemoryTimeToComeBack) {
  connections_[0].Bring(kMuch);
  connections_[2].Bring(4 * kMuch);
  resident_ = in_use_ = kMost + 1;
  const absl::Duration now = Later();
  guard_.Watch(count_, now);
  EXPECT_THAT(Ended(), ElementsAre(false, false, true));
  guard_.Watch(count_, now + MemoryGuard::kEvery);
  EXPECT_THAT(Ended(), ElementsAre(false, false, true));
  guard_.Watch(count_, now + MemoryGuard::kSettle + MemoryGuard::kEvery);
  EXPECT_THAT(Ended(), ElementsAre(true, false, true)) << "it was not enough";
}

// What a connection brought long ago has been worked off.
TEST_F(MemoryGuardTest, LongAgoDoesNotCount) {
  connections_[0].Bring(4 * kMuch);
  absl::Duration now = Later();
  for (int windows = 0; windows < 3; ++windows) guard_.Watch(count_, now += MemoryGuard::kWindow);
  connections_[1].Bring(kMuch);
  resident_ = in_use_ = 4 * kMost;
  guard_.Watch(count_, now + absl::Seconds(1));
  EXPECT_THAT(Ended(), ElementsAre(false, true, false));
}

// Nor is anybody ended again and again for memory that is the coordinator's own.
TEST_F(MemoryGuardTest, MemoryThatNobodyBroughtIsAllowed) {
  connections_[0].Bring(kLittle);
  const absl::Duration now = Later();
  guard_.Watch(count_, now);
  resident_ = in_use_ = 2 * kMost;
  guard_.Watch(count_, now + MemoryGuard::kOwn);
  EXPECT_THAT(Ended(), ElementsAre(false, false, false));
  connections_[1].Bring(kMuch);
  guard_.Watch(count_, now + 1.5 * MemoryGuard::kOwn);
  EXPECT_THAT(Ended(), ElementsAre(false, false, false));
  in_use_ += kMost / 2 + 1;
  guard_.Watch(count_, now + 2 * MemoryGuard::kOwn);
  EXPECT_THAT(Ended(), ElementsAre(false, true, false)) << "it grows";
  in_use_ = kMost;
  guard_.Watch(count_, now + 3 * MemoryGuard::kOwn);
  connections_[2].Bring(kMuch);
  in_use_ = kMost + 1;
  guard_.Watch(count_, now + 4 * MemoryGuard::kOwn);
  EXPECT_THAT(Ended(), ElementsAre(false, true, true)) << "the old bound holds again, whatever is resident";
}

// What those brought that are gone is not the coordinator's own, though it takes a while to work it off.
TEST_F(MemoryGuardTest, MemoryOfThoseWhoAreGoneIsNotAllowed) {
  connections_[0].Bring(kMuch);
  absl::Duration now = Later();
  resident_ = in_use_ = 2 * kMost;
  guard_.Watch(count_, now);
  EXPECT_THAT(Ended(), ElementsAre(true, false, false));
  guard_.Watch(count_, now += MemoryGuard::kSettle);
  connections_[1].Bring(kMuch);
  guard_.Watch(count_, now += MemoryGuard::kSettle);
  EXPECT_THAT(Ended(), ElementsAre(true, true, false));
}

TEST_F(MemoryGuardTest, GivesBackAfterAFlood) {
  connections_[0].Bring(kMuch);
  absl::Duration now = Later();
  resident_ = in_use_ = 2 * kMost;
  guard_.Watch(count_, now);
  EXPECT_THAT(Ended(), ElementsAre(true, false, false));
  in_use_ = kLittle;
  guard_.Watch(count_, now + MemoryGuard::kSettle);
  EXPECT_EQ(given_back_, 0) << "more may come, and giving back takes long";
  resident_ = kMost;
  guard_.Watch(count_, now + MemoryGuard::kTrimEvery);
  guard_.Watch(count_, now + 2 * MemoryGuard::kTrimEvery);
  EXPECT_EQ(given_back_, 1);
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
