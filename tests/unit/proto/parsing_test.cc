#include "proto/parsing.h"

#include <gmock/gmock.h>

#include <future>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/unit/proto/descriptors.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

constexpr size_t kBytes = 1000;

// A turn that somebody else takes.
class Other {
 public:
  Other(ParseBudget& budget, size_t bytes)
      : taken_(std::async(std::launch::async, [&budget, bytes] { const ParseBudget::Turn turn(budget, bytes); })) {}
  bool Waits() const { return taken_.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout; }
  void Await() { taken_.get(); }

 private:
  std::future<void> taken_;
};

TEST(ParseBudgetTest, WaitsUntilThereAreBytes) {
  ParseBudget budget(kBytes);
  std::optional<ParseBudget::Turn> first, second;
  first.emplace(budget, kBytes / 2);
  second.emplace(budget, kBytes / 4);
  Other fits(budget, kBytes / 4);
  fits.Await();
  Other large(budget, kBytes / 2);
  EXPECT_TRUE(large.Waits());
  second.reset();
  large.Await();
}

TEST(ParseBudgetTest, WhatIsLargerThanAllIsAlone) {
  ParseBudget budget(kBytes);
  std::optional<ParseBudget::Turn> large;
  large.emplace(budget, 10 * kBytes);
  Other small(budget, 1);
  EXPECT_TRUE(small.Waits());
  large.reset();
  small.Await();
  Other larger(budget, 20 * kBytes);
  larger.Await();
}

TEST(ParsedInTurnTest, MessagesComeBackAsTheyWere) {
  google::protobuf::FileDescriptorProto sent, received;
  sent.set_name("name");
  grpc::ByteBuffer bytes;
  bool own = false;
  using Traits = grpc::SerializationTraits<grpc::protobuf::MessageLite>;
  ASSERT_TRUE(Traits::Serialize(sent, &bytes, &own).ok());
  ASSERT_TRUE(Traits::Deserialize(&bytes, &received).ok());
  EXPECT_EQ(received.name(), "name");
  const grpc::Slice garbage(std::string(100, '\xff'));
  grpc::ByteBuffer wrong(&garbage, 1);
  EXPECT_FALSE(Traits::Deserialize(&wrong, &received).ok());
}

// gRPC reads requests of streams by their own type: each needs a line of its own.
TEST(ParsedInTurnTest, NoRequestIsForgotten) {
  const std::string header = ReadFile(PARSING_HEADER).value_or("");
  int streams = 0;
  const google::protobuf::FileDescriptorSet current = CurrentDescriptors();
  for (const auto& file : current.file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        if (!method.client_streaming() && !method.server_streaming()) continue;
        ++streams;
        const std::string type = absl::StrJoin(absl::StrSplit(method.input_type().substr(1), '.'), "::");
        EXPECT_THAT(header, HasSubstr(absl::StrCat("SerializationTraits<", type, ">"))) << method.name();
      }
    }
  }
  EXPECT_GE(streams, 5);
}

}  // namespace
}  // namespace tikhaul
