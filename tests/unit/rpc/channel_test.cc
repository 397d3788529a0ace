#include "common/rpc/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch_folder.h"
#include "tests/support/test_certificates.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

Dialer Made(const v1::Config& config) {
  absl::StatusOr<Dialer> dialer = Dialer::Make(config);
  EXPECT_TRUE(dialer.ok()) << dialer.status();
  return dialer.value_or(Dialer());
}

Dialer WithPlaintext() {
  v1::Config config;
  config.mutable_coordinator()->set_allow_plaintext(true);
  return Made(config);
}

constexpr const char* kHere[] = {"127.0.0.1:7733", "localhost:1", "[::1]:7733",
                                 "0.0.0.0:7733",   "[::]:7733",   "unix:/tmp/c.sock"};
constexpr const char* kElsewhere[] = {"10.0.0.1:7733", "coordinator:7733", "127.0.0.1.evil.example:7733",
                                      "[2001:db8::1]:7733"};

TEST(ChannelTest, PlaintextStaysOnTheMachineUnlessAllowed) {
  for (const char* address : kHere) EXPECT_TRUE(Dialer().Open(address).ok()) << address;
  for (const char* address : kElsewhere) {
    EXPECT_EQ(Dialer().Open(address).status().code(), absl::StatusCode::kFailedPrecondition) << address;
    EXPECT_TRUE(WithPlaintext().Open(address).ok()) << address;
  }
}

TEST(ChannelTest, OtherFormsAreRefused) {
  for (const char* address : {"", "coordinator", ":7733", "host:", "dns:///x"}) {
    EXPECT_EQ(WithPlaintext().Open(address).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST(ChannelTest, WithTlsNoAddressNeedsLeave) {
  const TestCertificates certificates;
  v1::Config config;
  config.mutable_tls()->set_ca_file(certificates.CaFile());
  const Dialer dialer = Made(config);
  EXPECT_TRUE(dialer.encrypts());
  for (const char* address : kElsewhere) EXPECT_TRUE(dialer.Open(address).ok()) << address;
}

TEST(ChannelTest, FilesThatCannotBeUsedAreTold) {
  const ScratchFolder folder;
  v1::Config config;
  config.set_token_file(folder.Path("none"));
  EXPECT_THAT(std::string(Dialer::Make(config).status().message()), HasSubstr("--token-file"));
  config.clear_token_file();
  config.mutable_tls()->set_ca_file(folder.Path("none"));
  EXPECT_THAT(std::string(Dialer::Make(config).status().message()), HasSubstr("tls.ca_file"));
}

}  // namespace
}  // namespace tikhaul
