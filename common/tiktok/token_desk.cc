#include "common/tiktok/token_desk.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "common/base/mutex.h"

namespace tikhaul {

struct TokenDesk::Arrivals {
  struct Arrival {
    uint64_t ticket = 0;
    Token token;
  };
  Mutex mu;
  CondVar came;
  std::deque<Arrival> tokens ABSL_GUARDED_BY(mu);

  // Of `token_class`, or of any when that is null.
  std::deque<Arrival>::iterator First(const TokenClass* token_class) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    return std::find_if(tokens.begin(), tokens.end(), [token_class](const Arrival& arrival) {
      return token_class == nullptr || arrival.token.token_class == *token_class;
    });
  }
  bool closed ABSL_GUARDED_BY(mu) = false;
  std::function<void()> wake ABSL_GUARDED_BY(mu);  // empty once the desk is gone
};

TokenDesk::TokenDesk(TokenSource& source, const Clock& clock, std::function<void()> wake)
    : source_(source), clock_(clock), arrivals_(std::make_shared<Arrivals>()) {
  MutexLock lock(arrivals_->mu);
  arrivals_->wake = std::move(wake);
}

TokenDesk::~TokenDesk() {
  Want({});
  {
    MutexLock lock(arrivals_->mu);
    arrivals_->wake = nullptr;
  }
  RefundArrived();
}

void TokenDesk::Want(const std::map<TokenClass, size_t>& counts) {
  for (auto& [token_class, tickets] : open_) {
    const auto wanted = counts.find(token_class);
    Withdraw(tickets, wanted == counts.end() ? 0 : wanted->second);
  }
  std::erase_if(open_, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [token_class, count] : counts) {
    for (size_t open = open_[token_class].size(); open < count && !closed(); ++open) Ask(token_class);
  }
}

void TokenDesk::Withdraw(Tickets& tickets, size_t left) {
  while (tickets.size() > left) {
    const uint64_t wait = tickets.begin()->second;
    tickets.erase(tickets.begin());
    source_.CancelWait(wait);
  }
}

void TokenDesk::Ask(const TokenClass& token_class) {
  const uint64_t ticket = next_ticket_++;
  open_[token_class][ticket] =
      source_.RequestToken(token_class, [arrivals = arrivals_, ticket](absl::StatusOr<Token> token) {
        MutexLock lock(arrivals->mu);
        if (token.ok()) {
          arrivals->tokens.push_back({ticket, *std::move(token)});
        } else {
          arrivals->closed = true;
        }
        arrivals->came.Signal();
        if (arrivals->wake) arrivals->wake();
      });
}

std::optional<Token> TokenDesk::Take() { return TakeFirst(nullptr); }

std::optional<Token> TokenDesk::TakeFirst(const TokenClass* token_class) {
  while (true) {
    Arrivals::Arrival arrival;
    {
      MutexLock lock(arrivals_->mu);
      const auto first = arrivals_->First(token_class);
      if (first == arrivals_->tokens.end()) return std::nullopt;
      arrival = std::move(*first);
      arrivals_->tokens.erase(first);
    }
    open_[arrival.token.token_class].erase(arrival.ticket);
    if (IsFresh(arrival.token)) return std::move(arrival.token);
    source_.Refund(std::move(arrival.token));
  }
}

std::optional<Token> TokenDesk::TakeWithin(const TokenClass& token_class, absl::Duration patience) {
  const absl::Duration deadline = clock_.Monotonic() + patience;
  while (true) {
    if (std::optional<Token> token = TakeFirst(&token_class); token.has_value()) return token;
    if (open_[token_class].empty() && !closed()) Ask(token_class);
    MutexLock lock(arrivals_->mu);
    while (arrivals_->First(&token_class) == arrivals_->tokens.end()) {
      const absl::Duration left = deadline - clock_.Monotonic();
      if (left <= absl::ZeroDuration() || arrivals_->closed) return std::nullopt;
      arrivals_->came.WaitFor(arrivals_->mu, left);
    }
  }
}

void TokenDesk::RefundArrived() {
  std::deque<Arrivals::Arrival> left;
  {
    MutexLock lock(arrivals_->mu);
    left.swap(arrivals_->tokens);
  }
  for (Arrivals::Arrival& arrival : left) source_.Refund(std::move(arrival.token));
}

bool TokenDesk::closed() const {
  MutexLock lock(arrivals_->mu);
  return arrivals_->closed;
}

}  // namespace tikhaul
