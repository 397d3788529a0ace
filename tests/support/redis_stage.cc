#include "tests/support/redis_stage.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/files.h"

namespace tikhaul {
namespace {

constexpr char kPassword[] = "only-for-tests-8d1f";

RedisServer::Options WithTls(RedisServer::Options options, TestAuthority& authority, const std::string& rights) {
  const CertificateFiles files = authority.Issue("redis", "DNS:localhost");
  options.certificate_file = files.certificate;
  options.key_file = files.key;
  options.ca_file = authority.file();
  options.user = absl::StrCat("tikhaul on >", kPassword, " ", rights);
  return options;
}

}  // namespace

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
    : way_(way), password_file_(folder_.Path("password")) {
  if (way_ == RedisWay::kTls) server = WithTls(std::move(server), authority_, rights);
  if (!WriteFileAtomically(password_file_, kPassword).ok()) std::abort();
  server_.emplace(std::move(server));
}

RedisOptions RedisStage::Options() const {
  RedisOptions options;
  options.url = server_->url();
  if (way_ == RedisWay::kPlain) return options;
  options.user = "tikhaul";
  options.password_file = password_file_;
  options.ca_file = authority_.file();
  return options;
}

}  // namespace tikhaul
