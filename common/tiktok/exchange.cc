#include "common/tiktok/exchange.h"

#include <arpa/inet.h>

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "common/tiktok/exchange_text.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kIdleConnection = absl::Seconds(110);  // below the usual idle close of servers
constexpr absl::Duration kDnsCache = absl::Seconds(60);
constexpr uint64_t kRoomStep = 256 << 10;
constexpr uint64_t kPieceBytes = 1 << 20;
constexpr size_t kReadAhead = 64;

std::string UrlPart(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string result = text;
  curl_free(text);
  return result;
}

bool IsLoopback(const std::string& host) {
  in_addr address;  // whole and numeric: "127.0.0.1.example.com" is somebody else
  return host == "localhost" || host == "[::1]" ||
         (absl::StartsWith(host, "127.") && inet_pton(AF_INET, host.c_str(), &address) == 1);
}

// The value of header `name` in a header line; nothing when the line holds another one.
bool HeaderValue(absl::string_view line, absl::string_view name, std::string* value) {
  if (!absl::StartsWithIgnoreCase(line, name) || line.size() <= name.size() || line[name.size()] != ':') return false;
  *value = std::string(absl::StripAsciiWhitespace(line.substr(name.size() + 1)));
  return true;
}

}  // namespace

absl::StatusOr<BaseUrl> ParseBaseUrl(const std::string& base_url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, base_url.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("\"", base_url, "\" is not a URL; api.base_url looks like ",
                                                   "https://business-api.tiktok.com/open_api/v1.3/"));
  }
  BaseUrl result;
  result.scheme = UrlPart(url.get(), CURLUPART_SCHEME, 0);
  result.host = UrlPart(url.get(), CURLUPART_HOST, 0);
  result.port = UrlPart(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  result.loopback = IsLoopback(result.host);
  return result;
}

absl::Status CheckBaseUrl(const std::string& base_url) {
  ASSIGN_OR_RETURN(const BaseUrl base, ParseBaseUrl(base_url));
  if (!absl::EndsWith(base_url, "/")) {
    return absl::InvalidArgumentError(absl::StrCat("api.base_url \"", base_url, "\" must end in \"/\""));
  }
  if (base.scheme == "https" || (base.scheme == "http" && base.loopback)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("api.base_url \"", base_url,
                                                 "\" must begin with https://; http:// is for loopback hosts only, ",
                                                 "because the token would travel in the clear"));
}

Exchange::Exchange(CURL* easy, const TransportOptions& options, const BaseUrl& base, const ApiCall& call,
                   MayLeave may_leave)
    : easy_(easy),
      max_body_bytes_(options.max_body_bytes),
      booked_bytes_(call.booked_bytes),
      booking_(options.room == nullptr ? nullptr : std::make_shared<BodyBooking>(*options.room)),
      may_leave_(std::move(may_leave)),
      json_body_(call.json_body),
      text_sink_(call.text_sink) {
  curl_easy_reset(easy_);
  curl_easy_setopt(easy_, CURLOPT_URL, RequestUrl(options.base_url, call).c_str());
  headers_ =
      curl_slist_append(headers_, text_sink_ ? "Accept: text/csv, application/json" : "Accept: application/json");
  if (!call.token.empty()) {
    headers_ = curl_slist_append(headers_, absl::StrCat("Access-Token: ", call.token.Reveal()).c_str());
  }
  if (!json_body_.empty()) headers_ = curl_slist_append(headers_, "Content-Type: application/json");
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  SetUp(options, base);
}

void BodyPieces::Append(absl::string_view bytes) {
  size_ += bytes.size();
  if (pieces_.empty() || pieces_.back().size() + bytes.size() > kPieceBytes) {
    pieces_.emplace_back();
    if (pieces_.size() > 1) pieces_.back().reserve(kPieceBytes);
  }
  absl::StrAppend(&pieces_.back(), bytes);
}

void BodyPieces::Clear() {
  pieces_.clear();
  size_ = 0;
}

std::string BodyPieces::Take() {
  std::string whole;
  whole.reserve(size_ + kReadAhead);
  for (std::string& piece : pieces_) {
    whole += piece;
    piece = std::string();  // what is copied need not be held any longer
  }
  Clear();
  return whole;
}

Exchange::~Exchange() {
  curl_easy_reset(easy_);  // no option may point into this object any longer
  curl_slist_free_all(headers_);
}

void Exchange::SetUp(const TransportOptions& options, const BaseUrl& base) {
  const auto set = [this](CURLoption option, long value) { curl_easy_setopt(easy_, option, value); };
  if (json_body_.empty()) {
    set(CURLOPT_HTTPGET, 1);
  } else {
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(json_body_.Reveal().size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, json_body_.Reveal().c_str());
  }
  set(CURLOPT_NOSIGNAL, 1);
  set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  set(CURLOPT_FOLLOWLOCATION, 0);
  set(CURLOPT_TCP_KEEPALIVE, 1);
  set(CURLOPT_MAXAGE_CONN, absl::ToInt64Seconds(kIdleConnection));
  set(CURLOPT_DNS_CACHE_TIMEOUT, absl::ToInt64Seconds(kDnsCache));
  set(CURLOPT_CONNECTTIMEOUT_MS, absl::ToInt64Milliseconds(options.connect_timeout));
  if (text_sink_ == nullptr) set(CURLOPT_TIMEOUT_MS, absl::ToInt64Milliseconds(options.total_timeout));
  set(CURLOPT_LOW_SPEED_LIMIT, 1);
  set(CURLOPT_LOW_SPEED_TIME, std::max<int64_t>(1, absl::ToInt64Seconds(options.stall_timeout)));
  set(CURLOPT_QUICK_EXIT, 1);
  curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "tikhaul");
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, base.loopback ? "http,https" : "https");
  if (base.loopback) curl_easy_setopt(easy_, CURLOPT_PROXY, "");  // not by way of the environment's proxy
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Exchange::OnReady);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
}

int Exchange::http_status() const {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

uint64_t Exchange::wire_bytes() const {
  curl_off_t bytes = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  return static_cast<uint64_t>(bytes);
}

std::string Exchange::ErrorText(CURLcode code) const {
  return ValidUtf8(error_[0] != '\0' ? error_ : curl_easy_strerror(code));
}

// The sheet leaves open what content type a CSV text has (section 9.1), so its first byte decides, too.
bool Exchange::IsText(absl::string_view piece) const {
  if (text_taken_) return true;
  const int status = http_status();
  return text_sink_ != nullptr && body_.size() == 0 && !other_type_ && status >= 200 && status < 300 && piece[0] != '{';
}

size_t Exchange::OnBody(char* data, size_t size, size_t count, void* self) {
  Exchange& exchange = *static_cast<Exchange*>(self);
  const size_t bytes = size * count;
  if (bytes > 0 && exchange.IsText({data, bytes})) {
    if (!exchange.text_sink_->Take({data, bytes})) return CURL_WRITEFUNC_PAUSE;
    exchange.text_taken_ = true;
    return bytes;
  }
  if (exchange.body_.size() + bytes > exchange.max_body_bytes_) {
    exchange.body_too_big_ = true;
    return 0;  // libcurl ends the transfer
  }
  if (!exchange.HasRoomFor(exchange.body_.size() + bytes)) {
    exchange.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;  // the same bytes come again
  }
  exchange.body_.Append({data, bytes});
  return bytes;
}

// Booked in steps, so that the room is not asked for every few bytes.
bool Exchange::HasRoomFor(size_t body_bytes) {
  while (booking_ != nullptr && booked_bytes_ < body_bytes) {
    if (!booking_->Add(kRoomStep, force_)) return false;
    booked_bytes_ += kRoomStep;
  }
  return true;
}

void Exchange::Resume(bool force) {
  paused_ = false;
  force_ = force_ || force;
  curl_easy_pause(easy_, CURLPAUSE_CONT);  // calls OnBody, which may pause again
}

size_t Exchange::OnHeader(char* data, size_t size, size_t count, void* self) {
  Exchange& exchange = *static_cast<Exchange*>(self);
  const absl::string_view line(data, size * count);
  std::string value;
  if (HeaderValue(line, "X-Tt-Ads-Throttle", &value)) exchange.truncated_ = !value.empty();
  if (HeaderValue(line, "Content-Type", &value)) {
    const std::string type = absl::AsciiStrToLower(value);
    exchange.other_type_ = absl::StrContains(type, "json") || absl::StrContains(type, "html");
  }
  if (HeaderValue(line, "X-Tt-Logid", &value)) exchange.log_id_ = ValidUtf8(value);
  return size * count;
}

int Exchange::OnReady(void* self, char*, char*, int, int) {
  Exchange& exchange = *static_cast<Exchange*>(self);
  // A request that goes out once more starts from nothing.
  exchange.body_.Clear();  // what was booked for it stays, for the one to come
  exchange.truncated_ = exchange.other_type_ = false;
  return exchange.may_leave_() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

}  // namespace tikhaul
