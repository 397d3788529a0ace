// A whole installation whose Redis speaks TLS and lets tikhaul do only what k8s/redis/users.acl says.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "tests/support/redis_stage.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RedisRightsE2eTest : public testing::Test {
 protected:
  RedisRightsE2eTest() : cluster_(Options()) { WriteFileAtomically(password_, kRedisTestPassword).IgnoreError(); }

  ClusterOptions Options() {
    ClusterOptions options{.extracts = YamlOf(wanted_), .workers = 2};
    options.redis = TlsRedis(certificates_, ReleasedRights());
    options.redis_options =
        absl::StrCat("user: tikhaul, password_file: \"", password_, "\", ca_file: \"", certificates_.CaFile(), "\"");
    return options;
  }

  const std::vector<Wanted> wanted_ = {HoursOf(10)};
  const ScratchFolder folder_;
  const std::string password_ = folder_.Path("password");
  const TestCertificates certificates_{"redis", "localhost"};
  TestCluster cluster_;
};

TEST_F(RedisRightsE2eTest, ABackfillNeedsNoMoreAlsoWhenRedisForgets) {
  cluster_.Start();
  cluster_.Backfill();
  cluster_.redis().FlushAll();
  const v1::Status status = cluster_.WaitIdle();
  EXPECT_EQ(status.dead_letters(), 0u);
  EXPECT_THAT(status.faults(), IsEmpty());
  ExpectEqualsTruth(cluster_, wanted_);
  EXPECT_EQ(cluster_.redis().Ask("ACL LOG"), "*0\r\n") << "Redis refused something";
  EXPECT_THAT(cluster_.Tikhaul({"check"}), HasSubstr("rediss://localhost:"));
  for (const char* process : {"coordinator", "worker-0", "worker-1"}) {
    EXPECT_THAT(cluster_.Log(process), Not(HasSubstr(kRedisTestPassword))) << process;
  }
}

TEST_F(RedisRightsE2eTest, ARightThatIsMissingStandsInTheStatusUntilItIsThere) {
  ASSERT_EQ(cluster_.redis().Ask("ACL SETUSER tikhaul -zadd"), "+OK\r\n");
  cluster_.Start();
  const auto says = [](const v1::Status& status) {
    for (const std::string& fault : status.faults()) {
      if (fault.find("docs/redis.md") != std::string::npos) return true;
    }
    return false;
  };
  cluster_.AwaitStatus("a fault that names docs/redis.md", says);
  ASSERT_EQ(cluster_.redis().Ask("ACL SETUSER tikhaul +zadd"), "+OK\r\n");
  cluster_.AwaitStatus("no such fault", [&](const v1::Status& status) { return !says(status); });
}

}  // namespace
}  // namespace tikhaul
