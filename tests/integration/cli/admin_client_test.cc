#include "cli/admin_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "tests/integration/cli/fake_admin.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AdminClientIntegrationTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;
  const std::string address_ = "unix:" + folder_.Path("admin.sock");
  FakeAdmin admin_;
};

TEST_F(AdminClientIntegrationTest, TellsAtOnceThatNobodyAnswers) {
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  const absl::Status status = AdminClient(address_).Connect(absl::Seconds(60));
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no coordinator answers at " + address_));
  EXPECT_LT(clock.Monotonic() - start, absl::Seconds(20));
}

TEST_F(AdminClientIntegrationTest, SeesHealthOnceTheServerServes) {
  EXPECT_FALSE(AdminClient(address_).Serving());
  const auto server = ServeAdmin(admin_, address_);
  AdminClient client(address_);
  EXPECT_TRUE(client.Serving());
  server->GetHealthCheckService()->SetServingStatus(false);
  EXPECT_FALSE(client.Serving());
}

TEST_F(AdminClientIntegrationTest, GivesAnswersAndErrors) {
  const auto server = ServeAdmin(admin_, address_);
  AdminClient client(address_);
  ASSERT_TRUE(client.Connect().ok());
  v1::RetryResponse retried;
  retried.set_chunks(3);
  admin_.Answer("Retry", retried);
  admin_.Refuse("Plan", {grpc::StatusCode::INVALID_ARGUMENT, "no extract \"x\""});
  const auto answer = client.Call(&v1::Admin::Stub::Retry, v1::RetryRequest());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->chunks(), 3u);
  EXPECT_EQ(client.Call(&v1::Admin::Stub::Plan, v1::PlanRequest()).status(),
            absl::InvalidArgumentError("no extract \"x\""));
}

TEST_F(AdminClientIntegrationTest, WatchesUntilItHasSeenEnough) {
  const auto server = ServeAdmin(admin_, address_);
  for (uint64_t i = 1; i <= 4; ++i) {
    v1::Status status;
    status.set_dead_letters(i);
    admin_.Answer("WatchStatus", status);
  }
  AdminClient client(address_);
  std::vector<uint64_t> seen;
  EXPECT_TRUE(client
                  .Stream(&v1::Admin::Stub::WatchStatus, v1::WatchStatusRequest(),
                          [&](const v1::Status& status) {
                            seen.push_back(status.dead_letters());
                            return seen.size() < 2;
                          })
                  .ok());
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

}  // namespace
}  // namespace tikhaul
