// The parts of `tikhaul auth`: what it keeps, where it waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/stat.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "cli/auth/callback_server.h"
#include "cli/auth/pending_grant.h"
#include "cli/auth/token_output.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "tests/support/free_port.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

TEST(PendingGrantTest, IsKeptForAnHour) {
  ScratchFolder folder;
  const std::string place = folder.Path("state");
  const absl::Time now = SystemClock().Now();
  EXPECT_TRUE(absl::IsNotFound(LoadPendingGrant(place, now).status()));
  ASSERT_TRUE(SavePendingGrant(place, {"the-state", "http://localhost:1/"}).ok());
  const auto grant = LoadPendingGrant(place, now);
  ASSERT_TRUE(grant.ok()) << grant.status();
  EXPECT_EQ(grant->state, "the-state");
  EXPECT_EQ(grant->redirect_uri, "http://localhost:1/");
  EXPECT_TRUE(absl::IsNotFound(LoadPendingGrant(place, now + absl::Minutes(61)).status()));
  ForgetPendingGrant(place);
  EXPECT_TRUE(absl::IsNotFound(LoadPendingGrant(place, now).status()));
}

TEST(TokenOutputTest, TheFileIsForTheOwnerAlone) {
  ScratchFolder folder;
  const std::string path = folder.Path("secrets/token");
  EXPECT_EQ(TokenFileFlaw(path), "missing");
  ASSERT_TRUE(WriteToken(path, Secret("the-new-token")).ok());
  EXPECT_EQ(ReadFile(path).value(), "the-new-token\n");
  EXPECT_EQ(TokenFileFlaw(path), "");
  struct stat facts {};
  ASSERT_EQ(stat(folder.Path("secrets").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  chmod(path.c_str(), 0644);
  EXPECT_THAT(TokenFileFlaw(path), HasSubstr("0644"));
  ASSERT_TRUE(WriteFileAtomically(path, "").ok());
  EXPECT_EQ(TokenFileFlaw(path), "empty");
}

TEST(TokenOutputTest, AKubernetesSecretHoldsItInBase64) {
  EXPECT_EQ(KubernetesSecret("tiktok", Secret("the-token")),
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tiktok\ntype: Opaque\ndata:\n  token: dGhlLXRva2Vu\n");
}

TEST(CallbackTest, GivesWhatTheBrowserBrings) {
  const int port = FreePort();
  std::thread browser;
  std::string page;
  const auto target = AwaitCallback(absl::StrCat("http://localhost:", port, "/back"), absl::Seconds(20), [&] {
    browser = std::thread([&] {
      httplib::Client client("127.0.0.1", port);
      const auto icon = client.Get("/favicon.ico");
      EXPECT_TRUE(icon && icon->status == 404);
      const auto answer = client.Get("/back?auth_code=abc&state=s");
      page = answer ? answer->body : "no answer";
    });
  });
  browser.join();
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(*target, "/back?auth_code=abc&state=s");
  EXPECT_THAT(page, HasSubstr("You may close this page"));
}

TEST(CallbackTest, WaitsNoLongerThanItIsTold) {
  const auto target = AwaitCallback(absl::StrCat("http://127.0.0.1:", FreePort(), "/"), absl::Milliseconds(50), [] {});
  EXPECT_TRUE(absl::IsDeadlineExceeded(target.status())) << target.status();
}

TEST(CallbackTest, ListensOnlyWhereItMay) {
  for (const char* uri : {"https://localhost:7734/", "http://example.com:80/", "http://localhost/", "localhost:7734",
                          "http://localhost:70000/", "http://localhost:7734/?x=1", ""}) {
    EXPECT_TRUE(absl::IsInvalidArgument(AwaitCallback(uri, absl::Seconds(1), [] {}).status())) << uri;
  }
  const HeldPort taken;
  const auto target = AwaitCallback(absl::StrCat("http://localhost:", taken.port(), "/"), absl::Seconds(1), [] {});
  EXPECT_TRUE(absl::IsUnavailable(target.status())) << target.status();
}

}  // namespace
}  // namespace tikhaul
