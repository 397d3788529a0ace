// One API call and its answer, free of HTTP libraries.
#ifndef TIKHAUL_SIMULATOR_CALL_H_
#define TIKHAUL_SIMULATOR_CALL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace tikhaul::simulator {

struct Call {
  std::string method;                         // "GET"
  std::string path;                           // "/open_api/v1.3/ad/get/"
  std::map<std::string, std::string> params;  // decoded; of a repeated name the first
  std::optional<std::string> token;           // header Access-Token
  std::string body;
  std::string host;  // header Host
};

// A failing return code and its message (tiktok-api.md 3.5).
struct Refusal {
  int code = 0;
  std::string message;
};

// What an endpoint gives: a refusal, the text of `data`, or a text that has no envelope around it.
struct EndpointAnswer {
  std::optional<Refusal> refusal;
  std::string data;
  std::string content_type;    // not empty: `data` goes out as it is
  bool cut_to_newest = false;  // header X-Tt-Ads-Throttle (tiktok-api.md 4.9)

  static EndpointAnswer Refuse(int code, std::string message) {
    EndpointAnswer answer;
    answer.refusal = Refusal{code, std::move(message)};
    return answer;
  }
  static EndpointAnswer Data(std::string data) {
    EndpointAnswer answer;
    answer.data = std::move(data);
    return answer;
  }
  static EndpointAnswer Text(std::string content_type, std::string text) {
    EndpointAnswer answer;
    answer.content_type = std::move(content_type);
    answer.data = std::move(text);
    return answer;
  }
};

// What goes over the wire.
struct WireAnswer {
  enum class Cut {
    kNone,
    kBody,       // sends `sent_bytes` of the body, then closes
    kBodyReset,  // the same, then resets the connection
    kReset,      // resets without an answer
  };
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  absl::Duration delay = absl::ZeroDuration();  // from the arrival
  Cut cut = Cut::kNone;
  size_t sent_bytes = 0;
  // The body goes out in pieces of this size, one each time; 0: at once.
  size_t drip_bytes = 0;
  absl::Duration drip_every;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_CALL_H_
