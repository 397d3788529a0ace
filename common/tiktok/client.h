// The TikTok API for Business as tikhaul speaks it. The one home of libcurl.
#ifndef TIKHAUL_COMMON_TIKTOK_CLIENT_H_
#define TIKHAUL_COMMON_TIKTOK_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/model/chunk.h"
#include "common/model/chunk_log.h"
#include "common/quota/limiter.h"

namespace tikhaul {

class TokenSource;

// Takes a text that comes without envelope, piece by piece, so that it need not fit into memory.
class TextSink {
 public:
  virtual ~TextSink() = default;
  // From the transport's thread; must not block. False: no room now. Nothing was taken then, and nothing more comes
  // until ApiTransport::Resume().
  virtual bool Take(absl::string_view piece) = 0;
};

// One GET, or a POST when there is a body. Parameters are not yet percent-encoded; arrays and objects are JSON text
// (tiktok-api.md 1).
struct ApiCall {
  std::string path;  // below the base URL, with its closing slash
  std::vector<std::pair<std::string, std::string>> params;
  Secret token;               // header Access-Token; empty: none is sent
  Secret json_body = {};      // empty: GET
  uint64_t booked_bytes = 0;  // of the body to come, which the caller has already taken from TransportOptions::room
  // Set: a good answer that is neither JSON nor HTML is a text, and goes there. Such a call may take as long as pieces
  // come and are taken, and is not sent again once a piece was taken.
  std::shared_ptr<TextSink> text_sink = nullptr;
  // For fair shares of the quota (TokenClass in limiter.h).
  std::string connection = {};
  bool increment = false;
  ChunkLabel label = {};  // of the chunk that it is for, for the log; no chunk: none
};

// Bounds the bytes of bodies that a transport holds and its callers have not yet let go. Thread-safe.
class BodyRoom {
 public:
  virtual ~BodyRoom() = default;
  // Books; false, and nothing is booked, when there is no room now.
  virtual bool Take(uint64_t bytes) = 0;
  // Books, room or not.
  virtual void Force(uint64_t bytes) = 0;
  virtual void Give(uint64_t bytes) = 0;
};

// Bytes taken from a room; given back when destroyed. The room must outlive it.
class BodyBooking {
 public:
  explicit BodyBooking(BodyRoom& room) : room_(room) {}
  ~BodyBooking() {
    if (bytes_ > 0) room_.Give(bytes_);
  }
  BodyBooking(const BodyBooking&) = delete;
  BodyBooking& operator=(const BodyBooking&) = delete;

  // False: no room now. Always true with `force`.
  bool Add(uint64_t bytes, bool force) {
    if (force) {
      room_.Force(bytes);
    } else if (!room_.Take(bytes)) {
      return false;
    }
    bytes_ += bytes;
    return true;
  }

 private:
  BodyRoom& room_;
  uint64_t bytes_ = 0;
};

// What is wrong with an exchange, in tikhaul's classes. Never holds a secret.
struct ApiFault {
  FailureClass failure_class = FailureClass::kTransient;
  int code = 0;         // of the envelope; 0: none was read
  int http_status = 0;  // 0: no answer
  std::string message;
  std::string request_id;
  std::string exchange;  // request line and the answer's first 2 KB
};

// An answer whose HTTP status is 2xx and whose envelope has code 0 or 20001.
struct ApiAnswer {
  std::string body;  // whole, inflated; simdjson padding is the reader's matter
  std::string request_id;
  bool is_text = false;                            // went to the call's text_sink; `body` is empty
  bool truncated = false;                          // header X-Tt-Ads-Throttle was there (section 4.9)
  std::shared_ptr<BodyBooking> booking = nullptr;  // of the body, beyond what the caller had booked
};

// Class of a return code by section 3.5.
FailureClass ClassifyCode(int code, const std::string& message);
// Class of an HTTP status without a readable envelope (section 3.4).
FailureClass ClassifyHttpStatus(int status);

// INVALID_ARGUMENT when `base_url` is not "https://.../" (or "http://.../" of a loopback host).
absl::Status CheckBaseUrl(const std::string& base_url);

// A request, and what came of it.
struct CallReport {
  std::string path;                         // below the base URL
  int code = 0;                             // of the envelope; 0: good, or none was read
  std::optional<FailureClass> fault = {};   // nothing: a good answer
  std::optional<absl::Duration> took = {};  // from its leaving; nothing: it never left
  uint64_t bytes = 0;                       // of the answer, as they came over the wire
};

struct TransportOptions {
  std::string base_url;  // see CheckBaseUrl
  uint32_t max_in_flight = 32;
  uint64_t max_body_bytes = 64 << 20;  // more: kTooBig
  // Where it is full, answers are not read on, but for that of the oldest call, until it has room again. Borrowed;
  // nullptr: no bound.
  BodyRoom* room = nullptr;
  absl::Duration connect_timeout = absl::Seconds(5);
  // More, or HTTP 504: kTooBig for reports and not sent again, else kTransient.
  absl::Duration total_timeout = absl::Seconds(60);
  absl::Duration stall_timeout = absl::Seconds(30);  // not a byte for so long, from the request on: the same
  BackoffPolicy transient_backoff = {absl::Seconds(1), absl::Seconds(30)};
  // Of calls for one advertiser on one path, after the API said that these are too many (code 40133).
  BackoffPolicy advertiser_pause = {absl::Seconds(1), absl::Minutes(1)};
  // Told of each request, from the transport's thread; must not block.
  std::function<void(const CallReport&)> on_call = nullptr;
};

// Sends calls through one libcurl multi handle on one thread: HTTP/1.1, keep-alive pool, gzip, no redirects, plain HTTP
// to loopback only. Every request, repeats included, takes a token of the agent last, just before it leaves; a token
// that is too old by then is given back and another is taken. Thread-safe.
class ApiTransport {
 public:
  // `tokens` and `clock` are borrowed and must outlive the transport.
  ApiTransport(TransportOptions options, TokenAgent& tokens, const Clock& clock);
  ApiTransport(TransportOptions options, TokenSource& tokens, const Clock& clock);
  ~ApiTransport();  // calls under way end with kReleased

  struct Result {
    bool ok = false;
    ApiAnswer answer;
    ApiFault fault;                 // of the last try, when not ok
    uint32_t calls = 0;             // requests that left for it, repeats included
    absl::Duration call_time = {};  // that they took, each from its leaving to the end of its answer
  };
  // Calls `done` exactly once, from the transport's thread; it must not block. Throttled answers freeze the quota for
  // the fleet and are sent again here, at the request layer, as are up to `transient_retries` network faults, 5xx and
  // service errors with back-off; all other faults are the caller's.
  struct SendOptions {
    int transient_retries = 3;
  };
  uint64_t Send(ApiCall call, SendOptions options, std::function<void(Result)> done);
  // The call's text_sink has room again.
  void Resume(uint64_t id);
  // All calls end with kReleased as soon as may be, and so does every later one at once. For a process that is stopping
  // while threads of its own wait for answers.
  void Stop();
  // The call ends with kReleased as soon as may be; `done` is still called, if it was not yet.
  void Cancel(uint64_t id);
  // All calls, and those still to come, end with kReleased: the process is stopping.
  void ReleaseAll();
  // Requests that left, repeats included, since the start.
  uint64_t calls_sent() const;
  // True while a request of that call is between leaving and being answered; false while it waits for a token, for its
  // next try or for room, and when it has ended.
  bool IsUnderWay(uint64_t id) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_CLIENT_H_
