#include "tests/support/redis_stage.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/files.h"

namespace tikhaul {
namespace {

RedisServer::Options For(const TestCertificates* certificates, const std::string& rights, RedisServer::Options other) {
  return certificates != nullptr ? TlsRedis(*certificates, rights, std::move(other)) : std::move(other);
}

std::unique_ptr<TestCertificates> CertificatesFor(RedisWay way) {
  return way == RedisWay::kPlain ? nullptr : std::make_unique<TestCertificates>("redis", "localhost");
}

}  // namespace

RedisServer::Options TlsRedis(const TestCertificates& certificates, const std::string& rights,
                              RedisServer::Options other) {
  other.certificate_file = certificates.CertificateFile("redis");
  other.key_file = certificates.KeyFile("redis");
  other.ca_file = certificates.CaFile();
  other.user = absl::StrCat("tikhaul on >", kRedisTestPassword, " ", rights);
  return other;
}

std::string RedisWayName(RedisWay way) { return way == RedisWay::kPlain ? "Plain" : "Tls"; }

std::string ReleasedRights() {
  constexpr absl::string_view kBefore = "user tikhaul on #SHA256_OF_THE_PASSWORD ";
  const std::string path = std::string(TIKHAUL_SOURCE_DIR) + "/k8s/redis/users.acl";
  const std::string text = ReadFile(path).value_or("");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, kBefore)) return std::string(line);
  }
  std::fprintf(stderr, "RedisStage: no user tikhaul in %s\n", path.c_str());
  std::abort();
}

RedisStage::RedisStage(RedisWay way, RedisServer::Options server, const std::string& rights)
    : certificates_(CertificatesFor(way)),
      password_file_(folder_.Path("password")),
      server_(For(certificates_.get(), rights, std::move(server))) {
  if (!WriteFileAtomically(password_file_, kRedisTestPassword).ok()) std::abort();
}

RedisOptions RedisStage::Options() const {
  RedisOptions options;
  options.url = server_.url();
  if (certificates_ == nullptr) return options;
  options.user = "tikhaul";
  options.password_file = password_file_;
  options.ca_file = certificates_->CaFile();
  return options;
}

}  // namespace tikhaul
