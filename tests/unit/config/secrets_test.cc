// Files on disk: the configuration, tokens and the app's secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "common/base/files.h"
#include "common/config/config.h"
#include "tests/unit/config/yaml_texts.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class SecretsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "config_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = std::filesystem::canonical(pattern).string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    EXPECT_TRUE(WriteFileAtomically(path, text).ok());
    return path;
  }
  v1::Connection Connection(const std::string& path) {
    v1::Connection connection;
    connection.set_name("main");
    connection.set_token_file(path);
    return connection;
  }

  std::string folder_;
};

TEST_F(SecretsTest, AFileIsLoadedFromItsFolder) {
  const std::string path = Write("tikhaul.yaml", absl::StrCat(kHead, kCampaigns));
  const auto config = LoadConfig(path);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->connections(0).token_file(), folder_ + "/token");
}

TEST_F(SecretsTest, ProblemsNameTheFileAsGiven) {
  const std::string path = Write("tikhaul.yaml", absl::StrCat(kHead, kCampaigns, "x: 1\n"));
  EXPECT_THAT(std::string(LoadConfig(path).status().message()), StartsWith(path + ":4: unknown key \"x\""));
}

TEST_F(SecretsTest, AMissingFileIsNotFound) {
  EXPECT_EQ(LoadConfig(folder_ + "/none.yaml").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SecretsTest, TokensAreReadAnewAndTrimmed) {
  const v1::Connection connection = Connection(Write("token", "  first-token\n"));
  EXPECT_EQ(ReadToken(connection)->Reveal(), "first-token");
  Write("token", "second-token\r\n");
  EXPECT_EQ(ReadToken(connection)->Reveal(), "second-token");
}

TEST_F(SecretsTest, FailuresSayWhichFileAndWhatToDo) {
  const absl::Status missing = ReadToken(Connection(folder_ + "/none")).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()),
              HasSubstr("token of connection \"main\": cannot read " + folder_ + "/none"));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("token_file in tikhaul.yaml names the file"));
  const absl::Status empty = ReadToken(Connection(Write("empty", " \n"))).status();
  EXPECT_EQ(empty.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(empty.message()), HasSubstr("is empty"));
}

TEST_F(SecretsTest, AForbiddenFileIsPermissionDenied) {
  if (geteuid() == 0) GTEST_SKIP() << "the superuser may read everything";
  const std::string path = Write("token", "t");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  EXPECT_EQ(ReadToken(Connection(path)).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(SecretsTest, TheAppSecretMayBeAbsent) {
  v1::App app;
  EXPECT_EQ(ReadAppSecret(app).status().code(), absl::StatusCode::kFailedPrecondition);
  app.set_secret_file(Write("secret", "the-secret\n"));
  EXPECT_EQ(ReadAppSecret(app)->Reveal(), "the-secret");
}

}  // namespace
}  // namespace tikhaul
