// Which connections come about, with whom, and what happens when certificates change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/access/token.h"
#include "common/base/files.h"
#include "tests/integration/server/guarded_coordinator.h"
#include "tests/support/eventually.h"
#include "tests/support/test_tls.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kStatus[] = "/tikhaul.v1.Admin/GetStatus";
constexpr char kPause[] = "/tikhaul.v1.Admin/Pause";

Dialer DialerOf(const v1::Config& config) {
  const absl::StatusOr<Dialer> dialer = Dialer::Make(config);
  EXPECT_TRUE(dialer.ok()) << dialer.status();
  return dialer.value_or(Dialer());
}

Dialer DialerOf(const v1::Tls& tls) {
  v1::Config config;
  *config.mutable_tls() = tls;
  return DialerOf(config);
}

class TlsTest : public ::testing::Test {
 protected:
  void Start(GuardedOptions options) {
    coordinator_ = std::make_unique<GuardedCoordinator>(options);
    ASSERT_TRUE(coordinator_->AwaitReady()) << coordinator_->Log();
  }
  grpc::Status Try(const Dialer& dialer, const std::string& method = kStatus) const {
    return TryCall(dialer, coordinator_->address(), method);
  }

  TestCertificates certificates_;
  std::unique_ptr<GuardedCoordinator> coordinator_;
};

TEST_F(TlsTest, WithoutIdentitiesACertificateOfTheCaIsNeeded) {
  certificates_.Make("anybody");
  Start({.yaml = TlsYaml(TlsOf(certificates_, "server")), .coordinator = "", .listen = ""});
  EXPECT_TRUE(Try(DialerOf(TlsOf(certificates_, "anybody"))).ok());
  EXPECT_FALSE(Try(DialerOf(TlsOf(certificates_, ""))).ok()) << "shows none";
  EXPECT_FALSE(Try(Dialer()).ok()) << "plaintext";
  const TestCertificates others;
  v1::Tls foreign = TlsOf(others, "server");
  foreign.set_ca_file(certificates_.CaFile());
  EXPECT_FALSE(Try(DialerOf(foreign)).ok()) << "shows one of another CA";
}

TEST_F(TlsTest, ClientsBelieveNoOtherServer) {
  v1::Tls tls = TlsOf(certificates_, "server");
  tls.clear_ca_file();
  Start({.yaml = TlsYaml(tls), .coordinator = "", .listen = ""});
  EXPECT_TRUE(Try(DialerOf(TlsOf(certificates_, ""))).ok());
  EXPECT_TRUE(
      TryCall(DialerOf(TlsOf(certificates_, "")), absl::StrCat("localhost:", coordinator_->port()), kStatus).ok());
  const TestCertificates others;
  EXPECT_THAT(Try(DialerOf(TlsOf(others, ""))).error_message(), HasSubstr("certificate verify failed"));
}

TEST_F(TlsTest, TheNameThatIsDialledMustBeInTheCertificate) {
  certificates_.Make("elsewhere.example", "10.9.8.7");
  v1::Tls tls = TlsOf(certificates_, "elsewhere.example");
  tls.clear_ca_file();
  Start({.yaml = TlsYaml(tls), .coordinator = "", .listen = ""});
  EXPECT_FALSE(Try(DialerOf(TlsOf(certificates_, ""))).ok());
}

// The whole set changes: a new CA, a new certificate. Nothing is restarted.
TEST_F(TlsTest, ChangedCertificatesAreUsedWithoutARestart) {
  certificates_.Make("client");
  const ScratchFolder folder;
  const auto copy = [&](const TestCertificates& from) {
    for (const auto& [source, name] : {std::pair{from.CaFile(), "ca.pem"},
                                       {from.KeyFile("server"), "server.key"},
                                       {from.CertificateFile("server"), "server.pem"}}) {
      ASSERT_TRUE(WriteFileAtomically(folder.Path(name), ReadFile(source).value_or("")).ok());
    }
  };
  copy(certificates_);
  v1::Tls tls;
  tls.set_ca_file(folder.Path("ca.pem"));
  tls.set_certificate_file(folder.Path("server.pem"));
  tls.set_key_file(folder.Path("server.key"));
  Start({.yaml = TlsYaml(tls), .coordinator = "", .listen = ""});
  const Dialer old_client = DialerOf(TlsOf(certificates_, "client"));
  const Dialer standing = DialerOf(tls);  // reads the files that change
  EXPECT_TRUE(Try(old_client).ok());
  EXPECT_TRUE(Try(standing).ok());

  TestCertificates others;
  others.Make("client");
  const Dialer new_client = DialerOf(TlsOf(others, "client"));
  EXPECT_FALSE(Try(new_client).ok());
  copy(others);
  EXPECT_TRUE(Eventually([&] { return Try(new_client).ok(); }, kPatience));
  EXPECT_FALSE(Try(old_client).ok());
  EXPECT_TRUE(Eventually([&] { return Try(standing).ok(); }, kPatience));
}

// They were good when coordinator and caller started, and their files are replaced by others that are not.
TEST_F(TlsTest, NobodyBelievesAnExpiredCertificate) {
  certificates_.Make("late");
  Start({.yaml = TlsYaml(TlsOf(certificates_, "server")), .coordinator = "", .listen = ""});
  const Dialer late = DialerOf(TlsOf(certificates_, "late"));
  EXPECT_TRUE(Try(late).ok());
  certificates_.Make("late", "", /*days=*/-1);
  EXPECT_TRUE(Eventually([&] { return !Try(late).ok(); }, kPatience));
  certificates_.Make("late");
  EXPECT_TRUE(Eventually([&] { return Try(late).ok(); }, kPatience));

  certificates_.Make("server", TestCertificates::kThisMachine, /*days=*/-1);
  const auto refused = [&] { return absl::StrContains(Try(late).error_message(), "certificate verify failed"); };
  EXPECT_TRUE(Eventually(refused, kPatience));
}

TEST_F(TlsTest, PlaintextOffLoopbackMustBeAllowedAndWarns) {
  GuardedCoordinator refused({.yaml = "", .coordinator = "", .listen = "0.0.0.0:47733"});
  EXPECT_FALSE(refused.AwaitReady());
  EXPECT_THAT(refused.Log(), HasSubstr("can be reached from other machines"));
  Start({.yaml = "", .coordinator = "allow_plaintext: true", .listen = absl::StrCat("0.0.0.0:", refused.port())});
  EXPECT_THAT(coordinator_->Log(), HasSubstr("connections are not encrypted, and whoever reaches the port"));
  EXPECT_TRUE(Try(Dialer()).ok());
}

TEST_F(TlsTest, FilesThatDoNotFitAreRefusedAtTheStart) {
  certificates_.Make("other");
  v1::Tls tls = TlsOf(certificates_, "server");
  tls.set_key_file(certificates_.KeyFile("other"));
  GuardedCoordinator refused({.yaml = TlsYaml(tls), .coordinator = "", .listen = ""});
  EXPECT_FALSE(refused.AwaitReady());
  EXPECT_THAT(refused.Log(), HasSubstr("tls.key_file"));
}

TEST_F(TlsTest, TokensCountOnLoopbackWithoutTls) {
  Start({.yaml = absl::StrCat("identities: [{name: ci, role: viewer, token_hash: \"", TokenHash("ci-token"), "\"}]\n"),
         .coordinator = "",
         .listen = ""});
  EXPECT_EQ(Try(Dialer()).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  v1::Config config;
  config.set_token_file(coordinator_->Path("rpc_token"));
  ASSERT_TRUE(WriteFileAtomically(config.token_file(), "ci-token\n").ok());
  const Dialer viewer = DialerOf(config);
  EXPECT_TRUE(Try(viewer).ok());
  EXPECT_EQ(Try(viewer, kPause).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  // The file is read anew.
  ASSERT_TRUE(WriteFileAtomically(config.token_file(), "another").ok());
  EXPECT_EQ(Try(viewer).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(coordinator_->Log(), AllOf(Not(HasSubstr("ci-token")), Not(HasSubstr("another\""))));
}

TEST_F(TlsTest, AUnixSocketIsItsOwners) {
  const ScratchFolder folder;
  const std::string path = folder.Path("c.sock");
  Start({.yaml = absl::StrCat(TlsYaml(TlsOf(certificates_, "server")),
                              "identities: [{name: ops, role: operator, certificate: ops}]\n"),
         .coordinator = "",
         .listen = "unix:" + path});
  EXPECT_TRUE(Try(Dialer()).ok());
  struct stat found {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
}

}  // namespace
}  // namespace tikhaul
