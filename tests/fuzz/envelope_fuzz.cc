// Any bytes as the body of an API answer: the envelope's reader, and the texts made of a body for logs and errors.
#include <climits>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "common/tiktok/envelope.h"
#include "common/tiktok/exchange_text.h"
#include "tests/fuzz/fuzz_check.h"

namespace tikhaul {
namespace {

size_t Count(absl::string_view text, absl::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != absl::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The code of a body that another parser finds sound and of which there can be no two opinions.
std::optional<int> PlainCode(absl::string_view body) {
  if (Count(body, "\"code\"") != 1 || Count(body, "\\") > 0) return std::nullopt;
  if (absl::StrContains(body, '\0')) return std::nullopt;  // nlohmann takes it for the end of the input
  const nlohmann::json parsed = nlohmann::json::parse(body.begin(), body.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object() || !parsed.contains("code") || !parsed["code"].is_number_integer()) return std::nullopt;
  if (parsed["code"].is_number_unsigned() && parsed["code"].get<uint64_t>() > INT_MAX) return std::nullopt;
  const int64_t code = parsed["code"].get<int64_t>();
  if (code < INT_MIN || code > INT_MAX) return std::nullopt;
  return static_cast<int>(code);
}

}  // namespace
}  // namespace tikhaul

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tikhaul;
  const absl::string_view body(reinterpret_cast<const char*>(data), size);
  const std::optional<Envelope> envelope = ReadEnvelope(body);
  if (const std::optional<int> code = PlainCode(body); code.has_value()) {
    FUZZ_CHECK(envelope.has_value(), "sound JSON with a code");
    FUZZ_CHECK(envelope->code == *code, std::to_string(envelope->code));
  }
  const std::string valid = ValidUtf8(envelope.has_value() ? envelope->message : body);
  FUZZ_CHECK(nlohmann::json(valid).dump().size() >= 2, "dump() takes valid UTF-8 only");
  const std::string text = ExchangeText({"ad/get/", {{"page", "1"}}, Secret()}, 200, body);
  FUZZ_CHECK(ValidUtf8(text) == text, text);
  FUZZ_CHECK(text.size() < 3'000, "the body's first 2 KB");
  return 0;
}
