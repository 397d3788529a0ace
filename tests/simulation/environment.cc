#include "tests/simulation/environment.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/config/config.h"
#include "common/tiktok/token_source.h"

namespace tikhaul {
namespace {

v1::Config MakeConfig(const std::string& folder, absl::string_view more) {
  std::string text = "app: {id: \"7009\"}\nconnections:\n";
  for (size_t i = 0; i < 2; ++i) {
    absl::StrAppend(&text, "  - {name: ", kSimConnections[i], ", token_file: token, advertisers: [\"",
                    kSimAdvertisers[i], "\"]}\n");
  }
  absl::StrAppend(&text, "extracts:\n  - {name: ", kSimExtract,
                  ", stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [spend, clicks]", more,
                  "}\n");
  return ParseConfig(text, "tikhaul.yaml", folder).value();
}

class NoTokens final : public TokenSource {
 public:
  uint64_t RequestToken(TokenClass, TokenAgent::Ready) override { return 0; }
  void CancelWait(uint64_t) override {}
  void Refund(Token) override {}
  bool Throttled(absl::Duration) override { return false; }
  void Answered(absl::Duration) override {}
};

std::unique_ptr<SpoolPool> MakePool(const std::string& folder, uint64_t bytes) {
  return SpoolPool::Open({.directory = folder, .memory_bytes = bytes, .disk_bytes = 0}).value();
}

}  // namespace

Environment::Environment()
    : plain_(MakeConfig(folder_.path(), "")),
      learned_(MakeConfig(folder_.path(), ", look_back: auto")),
      no_tokens_(std::make_unique<NoTokens>()),
      transport_(
          std::make_unique<ApiTransport>(TransportOptions{.base_url = "http://127.0.0.1:9/"}, *no_tokens_, clock_)),
      spools_(MakePool(folder_.Path("spool"), 64 << 20)),
      small_spools_(MakePool(folder_.Path("small"), 4 << 10)) {}

Environment::~Environment() = default;

}  // namespace tikhaul
