// One request and its answer on a libcurl easy handle.
#ifndef TIKHAUL_COMMON_TIKTOK_EXCHANGE_H_
#define TIKHAUL_COMMON_TIKTOK_EXCHANGE_H_

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/tiktok/client.h"

namespace tikhaul {

// The parts of a base URL that messages name and rules look at.
struct BaseUrl {
  std::string scheme;
  std::string host;
  std::string port;
  bool loopback = false;
};
// INVALID_ARGUMENT when it is not a URL with a host.
absl::StatusOr<BaseUrl> ParseBaseUrl(const std::string& base_url);

// A body that grows by pieces, so that a large one is never held twice while it grows.
class BodyPieces {
 public:
  void Append(absl::string_view bytes);
  void Clear();
  uint64_t size() const { return size_; }
  // The whole, with room behind its end for a reader that looks a little further (simdjson). Empty afterwards.
  std::string Take();

 private:
  std::vector<std::string> pieces_;
  uint64_t size_ = 0;
};

// Holds what one request sends and what came back. The easy handle is borrowed and belongs to this exchange until it is
// destroyed; it must be in no multi handle then. Used by one thread.
class Exchange {
 public:
  // Says, at the moment in which the connection stands and the request would leave, whether it may. Called again when
  // libcurl sends the request once more over a fresh connection.
  using MayLeave = std::function<bool()>;

  Exchange(CURL* easy, const TransportOptions& options, const BaseUrl& base, const ApiCall& call, MayLeave may_leave);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  CURL* easy() const { return easy_; }
  int http_status() const;
  // Of the answer so far, as they came over the wire.
  uint64_t wire_bytes() const;
  // The body; it is gone from here afterwards.
  std::string TakeBody() { return body_.Take(); }
  bool truncated() const { return truncated_; }          // X-Tt-Ads-Throttle (section 4.9)
  const std::string& log_id() const { return log_id_; }  // X-Tt-Logid
  bool body_too_big() const { return body_too_big_; }
  // Of the body, beyond what the call had booked.
  std::shared_ptr<BodyBooking>& booking() { return booking_; }
  // Stopped reading for want of room.
  bool paused() const { return paused_; }
  // Reads on; with `force` from now on whether there is room or not.
  void Resume(bool force);
  // Pieces of a text were taken by the call's sink.
  bool text_taken() const { return text_taken_; }
  // What went wrong, in libcurl's words.
  std::string ErrorText(CURLcode code) const;

 private:
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static int OnReady(void* self, char* remote_ip, char* local_ip, int remote_port, int local_port);
  bool HasRoomFor(size_t body_bytes);
  // False: the body is the API's envelope, or an error page.
  bool IsText(absl::string_view piece) const;
  void SetUp(const TransportOptions& options, const BaseUrl& base);

  CURL* const easy_;
  const uint64_t max_body_bytes_;
  uint64_t booked_bytes_;                 // body bytes that need no more room: booked by the caller or here
  std::shared_ptr<BodyBooking> booking_;  // nullptr: no bound
  bool paused_ = false;
  bool force_ = false;
  const MayLeave may_leave_;
  const Secret json_body_;
  const std::shared_ptr<TextSink> text_sink_;
  curl_slist* headers_ = nullptr;
  BodyPieces body_;
  std::string log_id_;
  bool truncated_ = false;
  bool body_too_big_ = false;
  bool other_type_ = false;  // JSON or HTML, by the header
  bool text_taken_ = false;
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_EXCHANGE_H_
