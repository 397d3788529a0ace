// Where the transport's tokens come from: the fleet's quota, or a test.
#ifndef TIKHAUL_COMMON_TIKTOK_TOKEN_SOURCE_H_
#define TIKHAUL_COMMON_TIKTOK_TOKEN_SOURCE_H_

#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "common/quota/limiter.h"

namespace tikhaul {

// The part of TokenAgent that the transport uses; the contract of each function is the agent's. Thread-safe.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  virtual uint64_t RequestToken(TokenClass token_class, TokenAgent::Ready ready) = 0;
  virtual void CancelWait(uint64_t id) = 0;
  virtual void Refund(Token token) = 0;
  virtual bool Throttled(absl::Duration sent) = 0;
  virtual void Answered(absl::Duration sent) = 0;
};

// `agent` is borrowed.
class AgentTokenSource : public TokenSource {
 public:
  explicit AgentTokenSource(TokenAgent& agent) : agent_(agent) {}
  uint64_t RequestToken(TokenClass token_class, TokenAgent::Ready ready) override {
    return agent_.RequestToken(std::move(token_class), std::move(ready));
  }
  void CancelWait(uint64_t id) override { agent_.CancelWait(id); }
  void Refund(Token token) override { agent_.Refund(std::move(token)); }
  bool Throttled(absl::Duration sent) override { return agent_.Throttled(sent); }
  void Answered(absl::Duration sent) override { agent_.Answered(sent); }

 private:
  TokenAgent& agent_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_TOKEN_SOURCE_H_
