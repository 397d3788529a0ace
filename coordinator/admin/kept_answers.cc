#include "coordinator/admin/kept_answers.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/digest.h"
#include "common/base/status_macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"

namespace tikhaul {
namespace {

constexpr size_t kLongestKey = 128;

absl::Status CheckKey(const std::string& key) {
  const bool printable = std::all_of(key.begin(), key.end(), [](unsigned char c) { return absl::ascii_isprint(c); });
  if (printable && key.size() <= kLongestKey) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("idempotency_key must be at most ", kLongestKey, " printable ASCII characters"));
}

std::string DigestOf(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return HashHex(StableHash(bytes));
}

// Fills the response with the answer that is kept, if there is one, and says whether there is.
absl::StatusOr<bool> Recall(StoreReader& reader, const ChangingCall& call) {
  if (call.idempotency_key.empty()) return false;
  ASSIGN_OR_RETURN(const std::optional<KeptAnswer> kept, reader.GetAnswer(call.idempotency_key));
  if (!kept.has_value()) return false;
  const std::string& name = call.request.GetDescriptor()->name();
  if (kept->call != name || kept->request != DigestOf(call.request)) {
    return absl::AlreadyExistsError(absl::StrCat("idempotency_key \"", call.idempotency_key, "\" was used at ",
                                                 FormatInstant(kept->kept), " for another request (", kept->call,
                                                 "): give each request a key of its own"));
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // of a newer coordinator
  call.response.Clear();
  const auto parsed = google::protobuf::util::JsonStringToMessage(kept->answer, &call.response, options);
  if (parsed.ok()) return true;
  return absl::DataLossError(
      absl::StrCat("the answer kept under idempotency_key \"", call.idempotency_key, "\" is damaged"));
}

absl::Status Keep(StoreTransaction& tx, absl::Time now, const ChangingCall& call) {
  if (call.idempotency_key.empty()) return absl::OkStatus();
  KeptAnswer answer{.key = call.idempotency_key,
                    .call = call.request.GetDescriptor()->name(),
                    .request = DigestOf(call.request),
                    .answer = "",
                    .kept = now};
  const auto written = google::protobuf::util::MessageToJsonString(call.response, &answer.answer);
  if (!written.ok()) return absl::InternalError("the answer has no JSON form");
  RETURN_IF_ERROR(tx.ForgetAnswers(now - kAnswersKept));
  return tx.PutAnswer(answer);
}

}  // namespace

absl::Status CarryOutOnce(Store& store, absl::Time now, const ChangingCall& call) {
  RETURN_IF_ERROR(CheckKey(call.idempotency_key));
  bool known = false;
  const auto recall = [&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(known, Recall(reader, call));
    return absl::OkStatus();
  };
  if (!call.idempotency_key.empty()) RETURN_IF_ERROR(store.Read(recall));
  if (known) return absl::OkStatus();
  RETURN_IF_ERROR(call.prepare());
  return store.Write([&](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(recall(tx));  // the same call may have come at the same time
    if (known) return absl::OkStatus();
    call.response.Clear();
    RETURN_IF_ERROR(call.change(tx));
    return Keep(tx, now, call);
  });
}

}  // namespace tikhaul
