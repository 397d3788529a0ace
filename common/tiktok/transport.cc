#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/model/names.h"
#include "common/tiktok/client.h"
#include "common/tiktok/envelope.h"
#include "common/tiktok/error_rules.h"
#include "common/tiktok/exchange.h"
#include "common/tiktok/exchange_text.h"
#include "common/tiktok/throttle.h"
#include "common/tiktok/token_desk.h"
#include "common/tiktok/token_source.h"

namespace tikhaul {
namespace {

using Result = ApiTransport::Result;

constexpr absl::Duration kLongestPoll = absl::Milliseconds(200);
// How long a fresh connection may wait for its token. The token that started it is given back just before, so its place
// in the quota is free again and only two round trips to Redis are waited for; longer when others were quicker.
constexpr absl::Duration kFirstPatience = absl::Milliseconds(100);
constexpr absl::Duration kLongestPatience = absl::Seconds(1);

void StartCurlOnce() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started;
}

// A call on its way through the transport. Lives on the IO thread.
struct Pending {
  uint64_t id = 0;
  ApiCall call;
  TokenClass token_class;
  ApiTransport::SendOptions options;
  std::function<void(Result)> done;
  Result result;
  int transient_failures = 0;
  absl::Duration patience = kFirstPatience;
  // Of the try under way:
  std::unique_ptr<Exchange> exchange;
  std::optional<Token> token;  // not used up yet
  bool left = false;           // a request may have reached the API
  absl::Duration left_at;
  bool no_token = false;  // ended because no token was to be had at the right moment
  int code = 0;           // of the answer's envelope
};

bool HasControlCharacters(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// What a limit of an advertiser holds for.
std::string LimitKey(const ApiCall& call) {
  for (const auto& [name, value] : call.params) {
    if (name == "advertiser_id") return absl::StrCat(call.path, " ", value);
  }
  return call.path;
}

constexpr int kGatewayTimeout = 504;

// A report that timed out, here or at the API's gateway, is not asked for again unchanged: its time-outs count against
// the app (section 3.3).
FailureClass TimedOut(const ApiCall& call) {
  return absl::StartsWith(call.path, "report/integrated/") ? FailureClass::kTooBig : FailureClass::kTransient;
}

}  // namespace

class ApiTransport::Impl {
 public:
  Impl(TransportOptions options, std::unique_ptr<TokenSource> owned, TokenSource& tokens, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        owned_source_(std::move(owned)),
        source_(tokens),
        pauses_(options_.advertiser_pause) {
    StartCurlOnce();
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.max_in_flight));
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    const absl::StatusOr<BaseUrl> base = ParseBaseUrl(options_.base_url);
    if (base.ok()) base_ = *base;
    desk_ = std::make_unique<TokenDesk>(source_, clock_, [multi = multi_] { curl_multi_wakeup(multi); });
    thread_ = std::thread([this] { Loop(); });
  }

  ~Impl() {
    Stop();
    thread_.join();
    desk_.reset();
    for (CURL* easy : idle_handles_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
  }

  void Stop() {
    {
      MutexLock lock(mu_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
  }

  uint64_t Send(ApiCall call, SendOptions options, std::function<void(Result)> done) {
    auto pending = std::make_unique<Pending>();
    pending->call = std::move(call);
    pending->token_class = {
        .connection = pending->call.connection, .increment = pending->call.increment, .path = pending->call.path};
    pending->options = options;
    pending->done = std::move(done);
    uint64_t id = 0;
    {
      MutexLock lock(mu_);
      id = pending->id = next_id_++;
      if (!stopping_) arrived_.push_back(std::move(pending));
    }
    curl_multi_wakeup(multi_);
    if (pending != nullptr) {  // nobody will look at it any more
      Result result;
      result.fault.failure_class = FailureClass::kReleased;
      result.fault.message = "the process is stopping";
      pending->done(std::move(result));
    }
    return id;
  }

  void Cancel(uint64_t id) {
    {
      MutexLock lock(mu_);
      cancelled_.push_back(id);
    }
    curl_multi_wakeup(multi_);
  }

  void Resume(uint64_t id) {
    {
      MutexLock lock(mu_);
      resumed_.push_back(id);
    }
    curl_multi_wakeup(multi_);
  }

  void ReleaseAll() {
    {
      MutexLock lock(mu_);
      releasing_ = true;
    }
    curl_multi_wakeup(multi_);
  }

  uint64_t calls_sent() const { return calls_sent_; }

  bool IsUnderWay(uint64_t id) const {
    MutexLock lock(mu_);
    return under_way_.contains(id);
  }

 private:
  void Loop() {
    while (TakeOrders()) {
      WakeSleepers();
      StartRequests();
      ResumePaused();
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (Harvest()) continue;
      curl_multi_poll(multi_, nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(PollTime())), nullptr);
    }
    while (!calls_.empty()) Release(calls_.begin()->first, "the process is stopping");
  }

  // Takes over what other threads have left. False when it is time to stop.
  bool TakeOrders() {
    std::vector<std::unique_ptr<Pending>> arrived;
    std::vector<uint64_t> cancelled, resumed;
    bool stopping = false, releasing = false;
    {
      MutexLock lock(mu_);
      arrived.swap(arrived_);
      cancelled.swap(cancelled_);
      resumed.swap(resumed_);
      stopping = stopping_;
      releasing = releasing_;
    }
    for (std::unique_ptr<Pending>& pending : arrived) Admit(std::move(pending));
    for (const uint64_t id : cancelled) Release(id, "cancelled");
    for (const uint64_t id : resumed) Unpause(id);
    if (desk_->closed()) {
      while (!calls_.empty()) Release(calls_.begin()->first, "the quota's agent has stopped");
    }
    while (releasing && !calls_.empty()) Release(calls_.begin()->first, "the process is stopping");
    return !stopping;
  }

  void Unpause(uint64_t id) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second->exchange == nullptr) return;
    curl_easy_pause(found->second->exchange->easy(), CURLPAUSE_CONT);
  }

  void Admit(std::unique_ptr<Pending> pending) {
    const uint64_t id = pending->id;
    Pending& call = *(calls_[id] = std::move(pending));
    if (HasControlCharacters(call.call.token.Reveal())) {
      ApiFault fault;
      fault.failure_class = FailureClass::kAuth;
      fault.message = "the access token holds line breaks or other control characters; check the token file";
      return Finish(call, std::move(fault));
    }
    waiting_.push_back(id);
  }

  void WakeSleepers() {
    const absl::Duration now = clock_.Monotonic();
    while (!sleeping_.empty() && sleeping_.begin()->first <= now) {
      waiting_.push_back(sleeping_.begin()->second);
      sleeping_.erase(sleeping_.begin());
    }
  }

  absl::Duration PollTime() const {
    if (sleeping_.empty()) return kLongestPoll;
    const absl::Duration left = sleeping_.begin()->first - clock_.Monotonic();
    return std::clamp(left + absl::Milliseconds(1), absl::ZeroDuration(), kLongestPoll);
  }

  // Gives tokens that have come to those of their class that wait longest, then asks for as many as are still lacking.
  void StartRequests() {
    HoldBack();
    while (running_.size() < options_.max_in_flight) {
      std::optional<Token> token = desk_->Take();
      if (!token.has_value()) break;
      const auto first = std::find_if(waiting_.begin(), waiting_.end(),
                                      [&](uint64_t id) { return calls_.at(id)->token_class == token->token_class; });
      if (first == waiting_.end()) {
        desk_->Refund(*std::move(token));
        continue;
      }
      const uint64_t id = *first;
      waiting_.erase(first);
      Start(*calls_.at(id), *std::move(token));
    }
    desk_->Want(LackingTokens());
  }

  // For as many requests as there is room for; every class gets its turn, so that none waits behind another's backlog.
  std::map<TokenClass, size_t> LackingTokens() const {
    std::map<TokenClass, size_t> waiting, wanted;
    for (const uint64_t id : waiting_) ++waiting[calls_.at(id)->token_class];
    size_t room = options_.max_in_flight - std::min<size_t>(running_.size(), options_.max_in_flight);
    room = std::min(room, waiting_.size());
    while (room > 0) {
      for (const auto& [token_class, count] : waiting) {
        size_t& asked = wanted[token_class];
        if (room == 0 || asked == count) continue;
        ++asked;
        --room;
      }
    }
    return wanted;
  }

  // Calls for advertisers that pause sleep until the pause ends; the others take their places.
  void HoldBack() {
    if (pauses_.empty()) return;
    const absl::Duration now = clock_.Monotonic();
    std::erase_if(waiting_, [&](uint64_t id) {
      const absl::Duration until = pauses_.PausedUntil(LimitKey(calls_.at(id)->call));
      if (until <= now) return false;
      sleeping_.emplace(until, id);
      return true;
    });
  }

  void Start(Pending& call, Token token) {
    CURL* easy = nullptr;
    if (idle_handles_.empty()) {
      easy = curl_easy_init();
    } else {
      easy = idle_handles_.back();
      idle_handles_.pop_back();
    }
    call.token = std::move(token);
    call.left = call.no_token = false;
    call.code = 0;
    call.exchange =
        std::make_unique<Exchange>(easy, options_, base_, call.call, [this, &call] { return MayLeave(call); });
    running_[easy] = call.id;
    curl_multi_add_handle(multi_, easy);
  }

  // The connection stands and the request is about to leave: the token is taken now, or taken anew when building the
  // connection took longer than a token lasts. A request that libcurl sends once more (the kept connection turned out
  // to be dead) takes a token of its own.
  bool MayLeave(Pending& call) {
    std::optional<Token> token = std::move(call.token);
    call.token.reset();
    if (token.has_value() && !desk_->IsFresh(*token)) {
      desk_->Refund(*std::move(token));
      token.reset();
    }
    if (!token.has_value()) token = desk_->TakeWithin(call.token_class, call.patience);
    call.no_token = !token.has_value();
    if (call.no_token) {
      call.patience = std::min(call.patience * 2, kLongestPatience);
      return false;
    }
    call.left = true;
    call.left_at = clock_.Monotonic();
    ++call.result.calls;
    ++calls_sent_;
    MutexLock lock(mu_);
    under_way_.insert(call.id);
    return true;
  }

  // Answers that stopped for want of room: the oldest call's goes on in any case, so that there is always an end.
  void ResumePaused() {
    uint64_t oldest = 0;
    for (const auto& [easy, id] : running_) oldest = oldest == 0 ? id : std::min(oldest, id);
    for (const auto& [easy, id] : running_) {
      Exchange& exchange = *calls_.at(id)->exchange;
      if (exchange.paused()) exchange.Resume(/*force=*/id == oldest);
    }
  }

  // Settles what has ended; true when there was something.
  bool Harvest() {
    bool any = false;
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      any = true;
      const CURLcode code = message->data.result;
      Pending& call = *calls_.at(running_.at(message->easy_handle));
      const std::unique_ptr<Exchange> exchange = TakeOff(call);
      Settle(call, *exchange, code);
    }
    return any;
  }

  // Ends the try under way: the handle is free again, an unused token is given back.
  std::unique_ptr<Exchange> TakeOff(Pending& call) {
    std::unique_ptr<Exchange> exchange = std::move(call.exchange);
    curl_multi_remove_handle(multi_, exchange->easy());
    running_.erase(exchange->easy());
    idle_handles_.push_back(exchange->easy());
    if (call.token.has_value()) desk_->Refund(*std::move(call.token));
    call.token.reset();
    MutexLock lock(mu_);
    under_way_.erase(call.id);
    return exchange;
  }

  void Settle(Pending& call, Exchange& exchange, CURLcode code) {
    if (call.no_token) {  // nothing left this time: first in the line again
      waiting_.push_front(call.id);
      return;
    }
    if (call.left) call.result.call_time += clock_.Monotonic() - call.left_at;
    std::optional<ApiFault> fault = FaultOf(call, exchange, code);
    Report(call, exchange, fault);
    const bool throttled = fault.has_value() && fault->failure_class == FailureClass::kThrottled;
    if (throttled) return fault->code == kAdvertiserLimit ? PauseAdvertiser(call, *fault) : Pause(call, *fault);
    if (call.left && code == CURLE_OK) {
      source_.Answered(call.left_at);
      if (!pauses_.empty()) pauses_.Answered(LimitKey(call.call), call.left_at);
    }
    if (!fault.has_value()) return Finish(call, std::nullopt);
    const bool passes =
        fault->failure_class == FailureClass::kTransient || fault->failure_class == FailureClass::kUnreachable;
    if (!passes || exchange.text_taken() || call.transient_failures >= call.options.transient_retries)
      return Finish(call, std::move(fault));
    ++call.transient_failures;
    const absl::Duration delay = BackoffDelay(options_.transient_backoff, call.transient_failures, RandomUnit());
    sleeping_.emplace(clock_.Monotonic() + delay, call.id);
  }

  // Tells the log and on_call what came of a try.
  void Report(const Pending& call, const Exchange& exchange, const std::optional<ApiFault>& fault) const {
    CallReport report{.path = call.call.path, .code = call.code};
    if (fault.has_value()) report.fault = fault->failure_class;
    if (call.left) report.took = clock_.Monotonic() - call.left_at;
    report.bytes = exchange.wire_bytes();
    if (options_.on_call) options_.on_call(report);
    ChunkLabel label = call.call.label;
    label.request_id = fault.has_value() ? fault->request_id : call.result.answer.request_id;
    LogChunk(LogLevel::kDebug, "call to the API", label,
             {{"path", report.path},
              {"code", report.code},
              {"class", fault.has_value() ? Name(fault->failure_class) : "ok"},
              {"took", absl::FormatDuration(report.took.value_or(absl::ZeroDuration()))}});
  }

  // The label of a call, with the answer that a fault is about.
  static ChunkLabel LabelOf(const Pending& call, const ApiFault& fault) {
    ChunkLabel label = call.call.label;
    label.request_id = fault.request_id;
    return label;
  }

  // Stops the fleet for a while; this request is sent again as soon as tokens flow.
  void Pause(Pending& call, const ApiFault& fault) {
    if (source_.Throttled(call.left_at)) {
      LogChunk(LogLevel::kWarning, "the API says too many requests; all workers pause", LabelOf(call, fault),
               {{"code", fault.code}, {"http_status", fault.http_status}, {"message", fault.message}});
    }
    waiting_.push_front(call.id);
  }

  void PauseAdvertiser(Pending& call, const ApiFault& fault) {
    const std::string key = LimitKey(call.call);
    if (pauses_.Throttled(key, call.left_at, clock_.Monotonic(), RandomUnit())) {
      LogChunk(LogLevel::kWarning, "the API says too many requests for one advertiser", LabelOf(call, fault),
               {{"call", key}, {"message", fault.message}});
    }
    waiting_.push_front(call.id);
  }

  // Nothing when the answer is good: it then stands in call.result.
  std::optional<ApiFault> FaultOf(Pending& call, Exchange& exchange, CURLcode code) {
    if (code != CURLE_OK) return TransferFault(call, exchange, code);
    const int status = exchange.http_status();
    if (exchange.text_taken()) {
      call.result.answer.is_text = true;
      call.result.answer.request_id = exchange.log_id();
      return std::nullopt;
    }
    std::string body = exchange.TakeBody();
    std::optional<Envelope> envelope = ReadEnvelope(body);
    if (envelope.has_value()) call.code = envelope->code;
    if (envelope.has_value() && IsSuccessCode(envelope->code) && status >= 200 && status < 300) {
      ApiAnswer& answer = call.result.answer;
      answer.request_id = ValidUtf8(envelope->request_id);
      answer.truncated = exchange.truncated();
      answer.body = std::move(body);
      answer.booking = std::move(exchange.booking());
      return std::nullopt;
    }
    ApiFault fault;
    fault.http_status = status;
    fault.exchange = ExchangeText(call.call, status, body);
    fault.request_id = exchange.log_id();
    if (envelope.has_value() && !IsSuccessCode(envelope->code)) {
      fault.code = envelope->code;
      fault.message = ValidUtf8(Redact(envelope->message));
      if (!envelope->request_id.empty()) fault.request_id = ValidUtf8(envelope->request_id);
      fault.failure_class = ClassifyCode(fault.code, fault.message);
    } else {
      fault.message = status >= 200 && status < 300 ? "the answer is not the API's JSON envelope"
                                                    : absl::StrCat("HTTP status ", status);
      fault.failure_class = status == kGatewayTimeout ? TimedOut(call.call) : ClassifyHttpStatus(status);
    }
    return fault;
  }

  ApiFault TransferFault(const Pending& call, Exchange& exchange, CURLcode code) {
    ApiFault fault;
    fault.http_status = exchange.http_status();
    fault.exchange = ExchangeText(call.call, fault.http_status, exchange.TakeBody());
    fault.request_id = exchange.log_id();
    const std::string text = Redact(exchange.ErrorText(code));
    if (exchange.body_too_big()) {
      fault.failure_class = FailureClass::kTooBig;
      fault.message = absl::StrCat("the answer is larger than ", options_.max_body_bytes, " bytes");
    } else if (code == CURLE_OPERATION_TIMEDOUT && call.left) {
      fault.failure_class = TimedOut(call.call);
      fault.message = absl::StrCat("the API did not answer in time: ", text);
    } else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT) {
      fault.failure_class = FailureClass::kPermanent;
      fault.message = absl::StrCat("api.base_url cannot be used: ", text);
    } else if (!call.left) {
      fault.failure_class = FailureClass::kUnreachable;
      fault.message =
          absl::StrCat("cannot reach the API at ", base_.host, " port ", base_.port, ": ", text,
                       " (check api.base_url, name resolution, and that a firewall or proxy lets this through)");
    } else {
      fault.message = absl::StrCat("the exchange with the API broke: ", text);
    }
    return fault;
  }

  // Ends a call with a fault, or with the answer that stands in its result.
  void Finish(Pending& call, std::optional<ApiFault> fault) {
    const auto node = calls_.extract(call.id);
    Pending& finished = *node.mapped();
    finished.result.ok = !fault.has_value();
    if (fault.has_value()) finished.result.fault = *std::move(fault);
    finished.done(std::move(finished.result));
  }

  void Release(uint64_t id, const char* reason) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    Pending& call = *found->second;
    const std::unique_ptr<Exchange> exchange = call.exchange == nullptr ? nullptr : TakeOff(call);
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), id), waiting_.end());
    std::erase_if(sleeping_, [id](const auto& entry) { return entry.second == id; });
    ApiFault fault;
    fault.failure_class = FailureClass::kReleased;
    fault.message = reason;
    if (exchange != nullptr && call.left) Report(call, *exchange, fault);
    Finish(call, std::move(fault));
  }

  const TransportOptions options_;
  const Clock& clock_;
  const std::unique_ptr<TokenSource> owned_source_;
  TokenSource& source_;
  BaseUrl base_;
  CURLM* multi_ = nullptr;
  std::atomic<uint64_t> calls_sent_{0};

  mutable Mutex mu_;
  uint64_t next_id_ ABSL_GUARDED_BY(mu_) = 1;
  std::vector<std::unique_ptr<Pending>> arrived_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> cancelled_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> resumed_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<uint64_t> under_way_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool releasing_ ABSL_GUARDED_BY(mu_) = false;

  // The IO thread's own:
  std::unique_ptr<TokenDesk> desk_;
  PauseBoard pauses_;  // by LimitKey
  std::map<uint64_t, std::unique_ptr<Pending>> calls_;
  std::deque<uint64_t> waiting_;                      // for a token, and room
  std::multimap<absl::Duration, uint64_t> sleeping_;  // by the time of their next try
  absl::flat_hash_map<CURL*, uint64_t> running_;
  std::vector<CURL*> idle_handles_;
  std::thread thread_;
};

ApiTransport::ApiTransport(TransportOptions options, TokenAgent& tokens, const Clock& clock) {
  auto source = std::make_unique<AgentTokenSource>(tokens);
  TokenSource& borrowed = *source;
  impl_ = std::make_unique<Impl>(std::move(options), std::move(source), borrowed, clock);
}

ApiTransport::ApiTransport(TransportOptions options, TokenSource& tokens, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), nullptr, tokens, clock)) {}

ApiTransport::~ApiTransport() = default;

uint64_t ApiTransport::Send(ApiCall call, SendOptions options, std::function<void(Result)> done) {
  return impl_->Send(std::move(call), options, std::move(done));
}

void ApiTransport::Cancel(uint64_t id) { impl_->Cancel(id); }
void ApiTransport::Resume(uint64_t id) { impl_->Resume(id); }
void ApiTransport::Stop() { impl_->Stop(); }
void ApiTransport::ReleaseAll() { impl_->ReleaseAll(); }
uint64_t ApiTransport::calls_sent() const { return impl_->calls_sent(); }
bool ApiTransport::IsUnderWay(uint64_t id) const { return impl_->IsUnderWay(id); }

}  // namespace tikhaul
