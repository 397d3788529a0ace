#include <algorithm>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/backoff.h"
#include "common/base/mutex.h"
#include "common/quota/limiter.h"

namespace tikhaul {
namespace {

constexpr uint32_t kMostPerQuestion = 4;  // tokens; more would age before their turn comes (queue-notes.md 3.3)
constexpr size_t kMostClasses = 16;       // in one question
constexpr absl::Duration kWorthTelling = absl::Seconds(2);
constexpr absl::Duration kLongestCommand = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Seconds(5);  // then ask again: somebody may have changed the state
// Redis answers a little before we read it: asking this much after the instant it named finds the token free.
constexpr absl::Duration kAskAfter = absl::Microseconds(200);
// So many late answers in a row are no accident: say so, and do not keep Redis busy for nothing.
constexpr int kLateInARow = 10;
constexpr absl::Duration kAfterLate = absl::Milliseconds(10);
constexpr absl::Duration kBorrowAfter = absl::Seconds(3);
constexpr absl::Duration kProbeEvery = absl::Seconds(5);
constexpr absl::Duration kShortestLoanWait = absl::Milliseconds(2);
constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr BackoffPolicy kAfterFault = {absl::Milliseconds(50), absl::Milliseconds(500)};

RedisOptions Hurried(RedisOptions options) {
  options.connect_timeout = std::min(options.connect_timeout, kLongestCommand);
  options.command_timeout = std::min(options.command_timeout, kLongestCommand);
  return options;
}

}  // namespace

class TokenAgent::Impl {
 public:
  Impl(RedisOptions redis, std::string app, QuotaLimits limits, const Clock& clock, QuotaLender* lender)
      : clock_(clock), lender_(lender), limits_(limits), scripts_(Hurried(std::move(redis)), std::move(app), limits) {
    thread_ = std::thread([this] { Run(); });
  }
  ~Impl();

  uint64_t RequestToken(TokenClass token_class, Ready ready);
  void CancelWait(uint64_t id);
  void Refund(Token token);
  bool Throttled(absl::Duration sent);
  void Answered(absl::Duration sent);
  std::string Obstacle() const;

 private:
  using Wanted = QuotaScripts::Wanted;
  struct Waiter {
    uint64_t id;
    TokenClass token_class;
    TokenClass asked_for;  // the same as far as the quota tells calls apart
    Ready ready;
  };
  enum class Block { kNone, kFault, kClosed, kFrozen, kDayUsedUp, kEndpointUsedUp, kSlow };

  // The agent's thread.
  void Run();
  bool WaitForWork();
  // Monotonic instants; infinite when there is nothing to do.
  absl::Duration NextQuestion() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Duration NextReport() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SendReports();
  // Redis has granted nothing for so long that the lender is asked.
  bool Borrows() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Borrow(const std::vector<Wanted>& question, uint32_t most);
  void NoteLoan(const absl::StatusOr<QuotaScripts::Grant>& grant, absl::Duration asked_at);
  void SendThrottled();
  void SendAnswered();
  void SendRefunds();
  void Ask();
  // What the first classes in the line want, increments before others.
  std::vector<Wanted> Question() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AddToQuestion(bool increments, std::vector<Wanted>& question) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void HandOut(TokenClass asked_for, std::string member, absl::Duration use_by);
  // Takes the first waiter of the class out of the line; none: nobody waits.
  std::optional<Waiter> NextWaiter(const TokenClass& asked_for);
  void Call(Waiter waiter, absl::StatusOr<Token> answer);
  void NoteGrant(absl::Duration use_by, bool on_probation);
  void NoteFault(const absl::Status& status);
  // `first`: what was asked for first.
  void NoteRefusal(const QuotaScripts::Grant& grant, const TokenClass& first, absl::Duration asked_at);
  void CancelAll();

  const Clock& clock_;
  QuotaLender* const lender_;  // null: none
  const QuotaLimits limits_;
  QuotaScripts scripts_;  // the agent's thread only

  mutable Mutex mu_;
  CondVar work_;       // for the agent's thread
  CondVar delivered_;  // for CancelWait
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  std::deque<Waiter> waiters_ ABSL_GUARDED_BY(mu_);
  uint64_t being_called_ ABSL_GUARDED_BY(mu_) = 0;  // id of the waiter whose `ready` runs
  std::vector<std::string> refunds_ ABSL_GUARDED_BY(mu_);
  // Monotonic instants.
  absl::Duration next_question_ ABSL_GUARDED_BY(mu_) = -absl::InfiniteDuration();
  absl::Duration next_report_ ABSL_GUARDED_BY(mu_) = -absl::InfiniteDuration();
  absl::Duration frozen_until_ ABSL_GUARDED_BY(mu_) = -absl::InfiniteDuration();
  std::optional<absl::Duration> throttled_ ABSL_GUARDED_BY(mu_);  // when the request left; to be sent
  std::optional<absl::Duration> answered_ ABSL_GUARDED_BY(mu_);   // the same
  bool on_probation_ ABSL_GUARDED_BY(mu_) = false;                // good answers are to be told
  Block block_ ABSL_GUARDED_BY(mu_) = Block::kNone;
  std::string fault_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Duration> no_redis_since_ ABSL_GUARDED_BY(mu_);           // or closed
  absl::Duration next_probe_ ABSL_GUARDED_BY(mu_) = -absl::InfiniteDuration();  // of Redis, while borrowing
  bool waits_for_endpoint_ ABSL_GUARDED_BY(mu_) = false;  // the last answer named a path's limits, not the app's
  std::string blocked_path_ ABSL_GUARDED_BY(mu_);
  int faults_ ABSL_GUARDED_BY(mu_) = 0;  // in a row, as is the next one
  int late_ ABSL_GUARDED_BY(mu_) = 0;

  std::thread thread_;
};

TokenAgent::Impl::~Impl() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    work_.Signal();
  }
  thread_.join();
}

uint64_t TokenAgent::Impl::RequestToken(TokenClass token_class, Ready ready) {
  TokenClass asked_for = token_class;
  if (!limits_.endpoints.contains(asked_for.path)) asked_for.path.clear();
  MutexLock lock(mu_);
  const auto same = [&asked_for](const Waiter& waiter) { return waiter.asked_for == asked_for; };
  if (std::none_of(waiters_.begin(), waiters_.end(), same)) {
    // The last answer was not about this class, and others have to know that somebody waits for it.
    if (waits_for_endpoint_ || block_ == Block::kNone) next_question_ = -absl::InfiniteDuration();
    work_.Signal();
  }
  waiters_.push_back({++last_id_, std::move(token_class), std::move(asked_for), std::move(ready)});
  return last_id_;
}

void TokenAgent::Impl::CancelWait(uint64_t id) {
  Ready dropped;  // destroyed without the lock
  MutexLock lock(mu_);
  const auto waiter = std::find_if(waiters_.begin(), waiters_.end(), [id](const Waiter& w) { return w.id == id; });
  if (waiter != waiters_.end()) {
    dropped = std::move(waiter->ready);
    waiters_.erase(waiter);
    return;
  }
  if (std::this_thread::get_id() == thread_.get_id()) return;
  while (being_called_ == id) delivered_.Wait(mu_);
}

void TokenAgent::Impl::Refund(Token token) {
  if (token.member.empty()) return;
  MutexLock lock(mu_);
  refunds_.push_back(std::move(token.member));
  work_.Signal();
}

bool TokenAgent::Impl::Throttled(absl::Duration sent) {
  MutexLock lock(mu_);
  if (sent <= frozen_until_) return false;
  frozen_until_ = clock_.Monotonic() + kFirstPause;  // Redis says how long it is for all
  throttled_ = sent;
  answered_.reset();
  on_probation_ = true;
  work_.Signal();
  return true;
}

void TokenAgent::Impl::Answered(absl::Duration sent) {
  MutexLock lock(mu_);
  if (!on_probation_) return;
  answered_ = std::max(sent, answered_.value_or(sent));
  work_.Signal();
}

std::string TokenAgent::Impl::Obstacle() const {
  MutexLock lock(mu_);
  if (const absl::Duration left = frozen_until_ - clock_.Monotonic(); left > absl::ZeroDuration()) {
    return absl::StrCat("frozen for ", absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))),
                        ": the API said \"too many requests\"");
  }
  switch (block_) {
    case Block::kNone:
    case Block::kFrozen:  // it has just ended
      return "";
    case Block::kFault:
      return absl::StrCat("Redis cannot be used for the quota: ", fault_);
    case Block::kClosed:
      return "the quota is closed until the coordinator has opened it; is a coordinator running on the same Redis?";
    case Block::kDayUsedUp:
      return absl::StrCat("the day's quota of ", limits_.per_day, " calls is used up; it starts again at 00:00 UTC");
    case Block::kEndpointUsedUp:
      return absl::StrCat("the API's own limits for ", blocked_path_, " are used up for the next ",
                          absl::FormatDuration(absl::Ceil(next_question_ - clock_.Monotonic(), absl::Seconds(1))));
    case Block::kSlow:
      return absl::StrCat("Redis takes longer to answer than the ", absl::FormatDuration(limits_.use_by),
                          " for which a token is good; bring it nearer, or raise use-by and guard");
  }
  return "";
}

void TokenAgent::Impl::Run() {
  while (WaitForWork()) {
    SendReports();
    Ask();
  }
  SendReports();
  CancelAll();
}

// False: the agent is to end.
bool TokenAgent::Impl::WaitForWork() {
  MutexLock lock(mu_);
  while (!stopping_) {
    const absl::Duration left = std::min(NextQuestion(), NextReport()) - clock_.Monotonic();
    if (left <= absl::ZeroDuration()) return true;
    work_.WaitFor(mu_, left);
  }
  return false;
}

absl::Duration TokenAgent::Impl::NextQuestion() const {
  if (waiters_.empty()) return absl::InfiniteDuration();
  return throttled_.has_value() ? std::max(next_question_, frozen_until_) : next_question_;
}

absl::Duration TokenAgent::Impl::NextReport() const {
  return throttled_.has_value() || answered_.has_value() || !refunds_.empty() ? next_report_ : absl::InfiniteDuration();
}

void TokenAgent::Impl::SendReports() {
  {
    MutexLock lock(mu_);
    if (!stopping_ && clock_.Monotonic() < NextReport()) return;
  }
  SendThrottled();
  SendAnswered();
  SendRefunds();
}

// What could not be sent is sent later: it is for the others.
void TokenAgent::Impl::SendThrottled() {
  absl::Duration sent;
  {
    MutexLock lock(mu_);
    if (!throttled_.has_value()) return;
    sent = *throttled_;
  }
  const absl::StatusOr<absl::Duration> frozen_for = scripts_.Throttled(clock_.Monotonic() - sent);
  if (!frozen_for.ok()) {
    if (lender_ != nullptr) lender_->Throttled(clock_.Monotonic() - sent).IgnoreError();
    return NoteFault(frozen_for.status());
  }
  MutexLock lock(mu_);
  throttled_.reset();
  frozen_until_ = std::max(frozen_until_, clock_.Monotonic() + *frozen_for);
  next_question_ = clock_.Monotonic() + std::min(*frozen_for, kLongestWait);
}

// Worth nothing later.
void TokenAgent::Impl::SendAnswered() {
  absl::Duration sent;
  {
    MutexLock lock(mu_);
    if (!answered_.has_value()) return;
    sent = *answered_;
    answered_.reset();
    if (sent > frozen_until_) on_probation_ = false;
  }
  if (const absl::Status status = scripts_.Answered(clock_.Monotonic() - sent); !status.ok()) return NoteFault(status);
  MutexLock lock(mu_);
  // The freeze may be shorter now: what Redis says next holds.
  if (clock_.Monotonic() < frozen_until_) frozen_until_ = next_question_ = -absl::InfiniteDuration();
}

// A refund that could not be sent is dropped: its slot comes back by age.
void TokenAgent::Impl::SendRefunds() {
  std::vector<std::string> members;
  {
    MutexLock lock(mu_);
    members.swap(refunds_);
  }
  if (members.empty()) return;
  if (const absl::Status status = scripts_.Refund(members); !status.ok()) return NoteFault(status);
  MutexLock lock(mu_);
  next_question_ = -absl::InfiniteDuration();  // what came back is there for those who wait
}

void TokenAgent::Impl::Ask() {
  std::vector<Wanted> question;
  bool borrows = false;
  {
    MutexLock lock(mu_);
    if (clock_.Monotonic() < NextQuestion()) return;
    question = Question();
    borrows = Borrows() && clock_.Monotonic() < next_probe_;
    if (Borrows() && !borrows) next_probe_ = clock_.Monotonic() + kProbeEvery;
  }
  if (question.empty()) return;
  uint32_t wanted = 0;
  for (const Wanted& one : question) wanted += one.count;
  const uint32_t most = std::min({kMostPerQuestion, wanted, std::max(limits_.per_second, 1u)});
  const uint32_t rank = 1 + static_cast<uint32_t>(RandomUnit() * most);
  // Counted from before the question: a late answer must not move the request past the guard (queue-notes.md 3.3).
  const absl::Duration asked_at = clock_.Monotonic();
  if (borrows) return Borrow(question, most);
  absl::StatusOr<QuotaScripts::Grant> grant = scripts_.Acquire(question, most, rank);
  if (!grant.ok()) return NoteFault(grant.status());
  if (grant->tokens.empty()) return NoteRefusal(*grant, question[0].token_class, asked_at);
  const absl::Duration use_by = asked_at + limits_.use_by;
  NoteGrant(use_by, grant->on_probation);
  for (QuotaScripts::Granted& granted : grant->tokens) {
    HandOut(question[granted.wanted].token_class, std::move(granted.member), use_by);
  }
}

std::vector<QuotaScripts::Wanted> TokenAgent::Impl::Question() const {
  std::vector<Wanted> question;
  AddToQuestion(true, question);
  AddToQuestion(false, question);
  return question;
}

void TokenAgent::Impl::AddToQuestion(bool increments, std::vector<Wanted>& question) const {
  for (const Waiter& waiter : waiters_) {
    if (waiter.asked_for.increment != increments) continue;
    const auto known = std::find_if(question.begin(), question.end(),
                                    [&waiter](const Wanted& one) { return one.token_class == waiter.asked_for; });
    if (known != question.end()) {
      ++known->count;
    } else if (question.size() < kMostClasses) {
      question.push_back({waiter.asked_for, 1});
    }
  }
}

bool TokenAgent::Impl::Borrows() const {
  return lender_ != nullptr && no_redis_since_.has_value() && clock_.Monotonic() - *no_redis_since_ >= kBorrowAfter;
}

void TokenAgent::Impl::Borrow(const std::vector<Wanted>& question, uint32_t most) {
  const absl::Duration asked_at = clock_.Monotonic();
  absl::StatusOr<QuotaScripts::Grant> grant = lender_->Acquire(question, most);
  NoteLoan(grant, asked_at);
  if (!grant.ok()) return;
  for (QuotaScripts::Granted& granted : grant->tokens) {
    if (granted.wanted >= question.size()) continue;
    HandOut(question[granted.wanted].token_class, std::move(granted.member), asked_at + limits_.use_by);
  }
}

void TokenAgent::Impl::NoteLoan(const absl::StatusOr<QuotaScripts::Grant>& grant, absl::Duration asked_at) {
  MutexLock lock(mu_);
  if (!grant.ok()) {
    next_question_ = clock_.Monotonic() + BackoffDelay(kAfterFault, ++faults_, RandomUnit());
  } else if (grant->tokens.empty()) {
    next_question_ = asked_at + std::clamp(grant->wait, kShortestLoanWait, kLongestWait);
  } else {
    block_ = Block::kNone;
    next_question_ = -absl::InfiniteDuration();
  }
}

// A token that nobody can use any more, because it is late or the waiters have gone, goes back at once.
void TokenAgent::Impl::HandOut(TokenClass asked_for, std::string member, absl::Duration use_by) {
  std::optional<Waiter> waiter;
  if (clock_.Monotonic() < use_by) waiter = NextWaiter(asked_for);
  if (!waiter.has_value()) return Refund({std::move(asked_for), std::move(member), use_by});
  Token token{waiter->token_class, std::move(member), use_by};
  Call(*std::move(waiter), std::move(token));
}

std::optional<TokenAgent::Impl::Waiter> TokenAgent::Impl::NextWaiter(const TokenClass& asked_for) {
  MutexLock lock(mu_);
  if (stopping_ || clock_.Monotonic() < frozen_until_) return std::nullopt;
  const auto first = std::find_if(waiters_.begin(), waiters_.end(),
                                  [&asked_for](const Waiter& waiter) { return waiter.asked_for == asked_for; });
  if (first == waiters_.end()) return std::nullopt;
  Waiter waiter = std::move(*first);
  waiters_.erase(first);
  being_called_ = waiter.id;
  return waiter;
}

void TokenAgent::Impl::Call(Waiter waiter, absl::StatusOr<Token> answer) {
  waiter.ready(std::move(answer));
  waiter.ready = nullptr;  // what it holds is gone before CancelWait returns
  MutexLock lock(mu_);
  being_called_ = 0;
  delivered_.SignalAll();
}

void TokenAgent::Impl::NoteGrant(absl::Duration use_by, bool on_probation) {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(mu_);
  faults_ = 0;
  waits_for_endpoint_ = false;
  no_redis_since_.reset();
  on_probation_ = on_probation;
  if (!throttled_.has_value()) frozen_until_ = -absl::InfiniteDuration();
  late_ = now < use_by ? 0 : late_ + 1;
  block_ = late_ < kLateInARow ? Block::kNone : Block::kSlow;
  if (block_ == Block::kSlow) next_question_ = now + kAfterLate;
}

void TokenAgent::Impl::NoteFault(const absl::Status& status) {
  MutexLock lock(mu_);
  block_ = Block::kFault;
  if (!no_redis_since_.has_value()) no_redis_since_ = clock_.Monotonic();
  fault_ = std::string(status.message());
  next_question_ = next_report_ = clock_.Monotonic() + BackoffDelay(kAfterFault, ++faults_, RandomUnit());
  if (Borrows()) next_question_ = -absl::InfiniteDuration();  // of the lender
}

void TokenAgent::Impl::NoteRefusal(const QuotaScripts::Grant& grant, const TokenClass& first, absl::Duration asked_at) {
  const absl::Duration answered_at = clock_.Monotonic();
  MutexLock lock(mu_);
  faults_ = 0;
  block_ = grant.closed                                              ? Block::kClosed
           : grant.day_is_used_up                                    ? Block::kDayUsedUp
           : grant.frozen_for > absl::ZeroDuration()                 ? Block::kFrozen
           : grant.endpoint_is_used_up && grant.wait > kWorthTelling ? Block::kEndpointUsedUp
                                                                     : Block::kNone;
  waits_for_endpoint_ = grant.endpoint_is_used_up;
  blocked_path_ = first.path;
  if (!grant.closed) {
    no_redis_since_.reset();
  } else if (!no_redis_since_.has_value()) {
    no_redis_since_ = answered_at;
  }
  // Redis named the time between these two instants.
  const absl::Duration named_at = std::min(answered_at, asked_at + kAskAfter);
  if (block_ == Block::kFrozen) {
    frozen_until_ = named_at + grant.frozen_for;
    on_probation_ = true;
  }
  next_question_ = named_at + std::min(grant.wait, kLongestWait);
  if (Borrows()) next_question_ = -absl::InfiniteDuration();
}

void TokenAgent::Impl::CancelAll() {
  while (true) {
    std::optional<Waiter> waiter;
    {
      MutexLock lock(mu_);
      if (waiters_.empty()) return;
      waiter = std::move(waiters_.front());
      waiters_.pop_front();
      being_called_ = waiter->id;
    }
    Call(*std::move(waiter), absl::CancelledError("the process is ending"));
  }
}

TokenAgent::TokenAgent(RedisOptions redis, std::string app, QuotaLimits limits, const Clock& clock, QuotaLender* lender)
    : impl_(std::make_unique<Impl>(std::move(redis), std::move(app), limits, clock, lender)) {}

TokenAgent::~TokenAgent() = default;

uint64_t TokenAgent::RequestToken(TokenClass token_class, Ready ready) {
  return impl_->RequestToken(std::move(token_class), std::move(ready));
}

void TokenAgent::CancelWait(uint64_t id) { impl_->CancelWait(id); }

void TokenAgent::Refund(Token token) { impl_->Refund(std::move(token)); }

bool TokenAgent::Throttled(absl::Duration sent) { return impl_->Throttled(sent); }

void TokenAgent::Answered(absl::Duration sent) { impl_->Answered(sent); }

std::string TokenAgent::Obstacle() const { return impl_->Obstacle(); }

}  // namespace tikhaul
