#include "common/tiktok/token_desk.h"

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
  bool closed ABSL_GUARDED_BY(mu) = false;
  std::function<void()> wake ABSL_GUARDED_BY(mu);  // empty once the desk is gone
};

TokenDesk::TokenDesk(TokenSource& source, const Clock& clock, std::function<void()> wake)
    : source_(source), clock_(clock), arrivals_(std::make_shared<Arrivals>()) {
  MutexLock lock(arrivals_->mu);
  arrivals_->wake = std::move(wake);
}

TokenDesk::~TokenDesk() {
  Want(0);
  {
    MutexLock lock(arrivals_->mu);
    arrivals_->wake = nullptr;
  }
  RefundArrived();
}

void TokenDesk::Want(size_t count) {
  while (open_.size() < count && !closed()) Ask();
  while (open_.size() > count) {
    const uint64_t wait = open_.begin()->second;
    open_.erase(open_.begin());
    source_.CancelWait(wait);
  }
}

void TokenDesk::Ask() {
  const uint64_t ticket = next_ticket_++;
  open_[ticket] = source_.RequestToken([arrivals = arrivals_, ticket](absl::StatusOr<Token> token) {
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

std::optional<Token> TokenDesk::Take() {
  while (true) {
    Arrivals::Arrival arrival;
    {
      MutexLock lock(arrivals_->mu);
      if (arrivals_->tokens.empty()) return std::nullopt;
      arrival = std::move(arrivals_->tokens.front());
      arrivals_->tokens.pop_front();
    }
    open_.erase(arrival.ticket);
    if (IsFresh(arrival.token)) return std::move(arrival.token);
    source_.Refund(std::move(arrival.token));
  }
}

std::optional<Token> TokenDesk::TakeWithin(absl::Duration patience) {
  const absl::Duration deadline = clock_.Monotonic() + patience;
  while (true) {
    if (std::optional<Token> token = Take(); token.has_value()) return token;
    if (open_.empty() && !closed()) Ask();
    MutexLock lock(arrivals_->mu);
    while (arrivals_->tokens.empty()) {
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
