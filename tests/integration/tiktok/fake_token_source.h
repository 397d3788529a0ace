// A quota that is never short, with a record of what was asked of it.
#ifndef TIKHAUL_TESTS_INTEGRATION_TIKTOK_FAKE_TOKEN_SOURCE_H_
#define TIKHAUL_TESTS_INTEGRATION_TIKTOK_FAKE_TOKEN_SOURCE_H_

#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/tiktok/token_source.h"

namespace tikhaul {

// Grants from a thread of its own, as the real agent does. Thread-safe.
class FakeTokenSource : public TokenSource {
 public:
  explicit FakeTokenSource(const Clock& clock, absl::Duration valid = absl::Seconds(10))
      : clock_(clock), valid_(valid) {
    thread_ = std::thread([this] { Loop(); });
  }
  ~FakeTokenSource() override {
    {
      MutexLock lock(mu_);
      stopping_ = true;
      changed_.SignalAll();
    }
    thread_.join();
  }

  uint64_t RequestToken(TokenClass token_class, TokenAgent::Ready ready) override {
    MutexLock lock(mu_);
    waiting_.push_back({++last_id_, [token_class, ready = std::move(ready)](absl::StatusOr<Token> token) {
                          if (token.ok()) token->token_class = token_class;
                          ready(std::move(token));
                        }});
    changed_.SignalAll();
    return last_id_;
  }
  void CancelWait(uint64_t id) override {
    MutexLock lock(mu_);
    std::erase_if(waiting_, [id](const auto& waiter) { return waiter.first == id; });
    while (calling_ == id) changed_.Wait(mu_);
  }
  void Refund(Token) override {
    MutexLock lock(mu_);
    ++refunded_;
  }
  bool Throttled(absl::Duration sent) override {
    MutexLock lock(mu_);
    if (!throttled_.empty() && sent <= throttled_.back()) return false;
    throttled_.push_back(sent);
    return true;
  }
  void Answered(absl::Duration sent) override {
    MutexLock lock(mu_);
    answered_ = sent;
  }

  // While held, nothing is granted.
  void Hold(bool held) {
    MutexLock lock(mu_);
    held_ = held;
    changed_.SignalAll();
  }
  int granted() const { return Read(granted_); }
  int refunded() const { return Read(refunded_); }
  int spent() const {
    MutexLock lock(mu_);
    return granted_ - refunded_;
  }
  // Instants at which requests left that were refused as too many, and the last that was answered well.
  std::vector<absl::Duration> throttled() const {
    MutexLock lock(mu_);
    return throttled_;
  }
  absl::Duration answered() const {
    MutexLock lock(mu_);
    return answered_;
  }
  size_t waiting() const {
    MutexLock lock(mu_);
    return waiting_.size();
  }

 private:
  int Read(const int& counter) const {
    MutexLock lock(mu_);
    return counter;
  }

  void Loop() {
    while (true) {
      std::pair<uint64_t, TokenAgent::Ready> next;
      Token token;
      {
        MutexLock lock(mu_);
        while (!stopping_ && (held_ || waiting_.empty())) changed_.Wait(mu_);
        if (stopping_) return;
        next = std::move(waiting_.front());
        waiting_.pop_front();
        calling_ = next.first;
        token.member = absl::StrCat(++granted_);
      }
      token.use_by = clock_.Monotonic() + valid_;
      next.second(std::move(token));
      next.second = nullptr;
      MutexLock lock(mu_);
      calling_ = 0;
      changed_.SignalAll();
    }
  }

  const Clock& clock_;
  const absl::Duration valid_;
  mutable Mutex mu_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t calling_ ABSL_GUARDED_BY(mu_) = 0;
  std::deque<std::pair<uint64_t, TokenAgent::Ready>> waiting_ ABSL_GUARDED_BY(mu_);
  int granted_ ABSL_GUARDED_BY(mu_) = 0;
  int refunded_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<absl::Duration> throttled_ ABSL_GUARDED_BY(mu_);
  absl::Duration answered_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_TIKTOK_FAKE_TOKEN_SOURCE_H_
