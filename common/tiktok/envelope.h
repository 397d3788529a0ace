// The envelope around every answer (tiktok-api.md 3.1): {"code": 0, "message": "OK", "request_id": "...", "data": {}}.
#ifndef TIKHAUL_COMMON_TIKTOK_ENVELOPE_H_
#define TIKHAUL_COMMON_TIKTOK_ENVELOPE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

struct Envelope {
  int code = 0;
  std::string message;  // valid UTF-8 when the body is
  std::string request_id;
};

// The envelope's own members, in whatever order they come. Reads no further than it must, so that `data` of many
// megabytes costs nothing when it stands last, as it does in practice; whether `data` is sound is its reader's matter.
// Nothing when `body` is not one JSON object with a whole-number `code`, or was cut.
std::optional<Envelope> ReadEnvelope(absl::string_view body);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_ENVELOPE_H_
