// `tikhaul auth` from the portal's page to a token that works, and back.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "cli/app.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class AuthTest : public testing::Test {
 protected:
  AuthTest() : cluster_({.extracts = YamlOf({{.name = "campaigns", .stream = "campaigns"}})}) {
    cluster_.WriteConfig();
    std::filesystem::remove(cluster_.TokenPath());
  }

  // Runs `tikhaul auth WORDS` with `typed` on standard input.
  int Run(std::vector<std::string> words, const std::string& typed = "") {
    words.insert(words.begin(), {"tikhaul", "--config", cluster_.Path("tikhaul.yaml"), "auth"});
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::istringstream input(typed);
    std::streambuf* const before = std::cin.rdbuf(input.rdbuf());
    std::ostringstream out, err;
    Console console{out, err};
    const int code = RunTikhaul(static_cast<int>(argv.size()), argv.data(), console, clock_);
    std::cin.rdbuf(before);
    std::cin.clear();
    output_ = out.str() + err.str();
    EXPECT_THAT(output_, Not(HasSubstr(TestCluster::Token())));
    return code;
  }
  // Begins a grant; the address to which the browser would be sent back.
  std::string Grant(const std::string& code) {
    EXPECT_EQ(Run({"--json", "url"}), 0) << output_;
    const std::string url = nlohmann::json::parse(output_)["url"];
    const size_t state = url.find("state=") + 6;
    return absl::StrCat("http://localhost:7734/?auth_code=", code,
                        "&state=", url.substr(state, url.find('&', state) - state), "\n");
  }

  const SystemClock clock_;
  TestCluster cluster_;
  std::string output_;
};

TEST_F(AuthTest, FromThePageToATokenThatWorksAndBack) {
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_THAT(output_, HasSubstr("missing"));
  const std::string address = Grant("sim-auth-code-1");
  EXPECT_EQ(Run({"exchange"}, address), 0) << output_;
  EXPECT_THAT(output_, AllOf(HasSubstr("3 ad accounts"), HasSubstr(cluster_.TokenPath())));
  EXPECT_EQ(ReadFile(cluster_.TokenPath()).value_or(""), TestCluster::Token() + "\n");
  struct stat facts {};
  ASSERT_EQ(stat(cluster_.TokenPath().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);

  EXPECT_EQ(Run({"check"}), 0) << output_;
  EXPECT_THAT(output_, AllOf(HasSubstr("token main"), HasSubstr("accepted"), Not(HasSubstr("store"))));
  EXPECT_EQ(Run({"revoke"}), 1) << "that is not said by accident";
  EXPECT_THAT(output_, HasSubstr("--yes"));
  EXPECT_EQ(Run({"revoke", "--yes"}), 0) << output_;
  EXPECT_THAT(output_, HasSubstr("3 ad accounts"));
  EXPECT_FALSE(std::filesystem::exists(cluster_.TokenPath()));
}

TEST_F(AuthTest, AnAnswerToAnotherGrantIsNotUsed) {
  const std::string old = Grant("sim-auth-code-1"), address = Grant("sim-auth-code-1");
  EXPECT_EQ(Run({"exchange"}, old), 1);
  EXPECT_THAT(output_, HasSubstr("another grant"));
  EXPECT_EQ(Run({"exchange"}, address), 0) << "the code was not spent: " << output_;
}

TEST_F(AuthTest, ACodeWorksOnce) {
  EXPECT_EQ(Run({"exchange"}, Grant("sim-auth-code-1")), 0) << output_;
  EXPECT_EQ(Run({"exchange"}, "http://localhost:7734/?auth_code=x&state=y\n"), 1);
  EXPECT_THAT(output_, HasSubstr("no grant was begun"));
  EXPECT_EQ(Run({"exchange"}, Grant("sim-auth-code-1")), 1);
  EXPECT_THAT(output_, AllOf(HasSubstr("40110"), HasSubstr("begin again")));
  EXPECT_EQ(ReadFile(cluster_.TokenPath()).value_or(""), TestCluster::Token() + "\n") << "the token before stays";
}

TEST_F(AuthTest, ATokenForKubernetesIsPrintedAndNotKept) {
  EXPECT_EQ(Run({"exchange", "--kubernetes-secret", "tiktok-token"}, Grant("sim-auth-code-1")), 0) << output_;
  EXPECT_THAT(output_, AllOf(HasSubstr("kind: Secret"), HasSubstr("name: tiktok-token"), HasSubstr("  token: ")));
  EXPECT_FALSE(std::filesystem::exists(cluster_.TokenPath()));
}

TEST_F(AuthTest, UnknownConnectionsAreNamed) {
  EXPECT_EQ(Run({"exchange", "--connection", "mian"}, Grant("sim-auth-code-1")), 1);
  EXPECT_THAT(output_, AllOf(HasSubstr("mian"), HasSubstr("main")));
}

}  // namespace
}  // namespace tikhaul
