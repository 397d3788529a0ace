// The transport's dealings with the quota: as many tokens are asked for as requests wait, and none is used late.
#ifndef TIKHAUL_COMMON_TIKTOK_TOKEN_DESK_H_
#define TIKHAUL_COMMON_TIKTOK_TOKEN_DESK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/quota/limiter.h"
#include "common/tiktok/token_source.h"

namespace tikhaul {

// Tokens are bound to classes, not to requests: whoever of its class is ready first takes one. Used by one thread;
// `wake` is called from the source's thread when a token has come and must not block. `source` and `clock` are
// borrowed.
class TokenDesk {
 public:
  TokenDesk(TokenSource& source, const Clock& clock, std::function<void()> wake);
  ~TokenDesk();  // gives everything back; `wake` is not called any more
  TokenDesk(const TokenDesk&) = delete;
  TokenDesk& operator=(const TokenDesk&) = delete;

  // Keeps exactly so many questions open at the source.
  void Want(const std::map<TokenClass, size_t>& counts);
  // A token that may still be used, if one has come. Late ones are given back on the way.
  std::optional<Token> Take();
  // The same for that class, waiting up to `patience` for one. For the moment in which a fresh connection stands
  // (tokens must not age while it is built, and libcurl cannot be made to wait there: an aborted request closes its
  // connection).
  std::optional<Token> TakeWithin(const TokenClass& token_class, absl::Duration patience);
  // For a token whose request provably did not leave.
  void Refund(Token token) { source_.Refund(std::move(token)); }
  bool IsFresh(const Token& token) const { return clock_.Monotonic() <= token.use_by; }
  // True when the source has ended: no token will come.
  bool closed() const;

 private:
  struct Arrivals;
  using Tickets = std::map<uint64_t, uint64_t>;  // ticket -> the source's id of the wait
  void Ask(const TokenClass& token_class);
  void Withdraw(Tickets& tickets, size_t left);
  // The first fresh token, of `token_class` when it is given.
  std::optional<Token> TakeFirst(const TokenClass* token_class);
  void RefundArrived();

  TokenSource& source_;
  const Clock& clock_;
  const std::shared_ptr<Arrivals> arrivals_;  // shared with callbacks, which may outlive the desk
  uint64_t next_ticket_ = 1;
  std::map<TokenClass, Tickets> open_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_TOKEN_DESK_H_
