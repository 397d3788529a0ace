#include "coordinator/ingest/extract_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/model/chunk_log.h"
#include "common/wire/row_batch_wire.h"

namespace tikhaul {
namespace {

// A worker may be ahead of the spool by this much.
constexpr int64_t kInitialCreditBytes = 4 << 20;
// How long rows wait for a store that is out of order before their chunk is given back.
constexpr absl::Duration kStorePatience = absl::Minutes(10);
constexpr absl::Duration kStoreRetry = absl::Milliseconds(500);
// A worker that breaks off before it has told of a page is mostly innocent, and so is its chunk. But one whose first
// page kills tells nothing, either: from this many grants on, whatever breaks off counts.
constexpr int kPatientGrants = 4;

bool StoreMayRecover(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status);
}

v1::Refused::Reason RefusalOf(ClaimAnswer answer) {
  switch (answer) {
    case ClaimAnswer::kOwned:
      return v1::Refused::REASON_OWNED;
    case ClaimAnswer::kPaused:
      return v1::Refused::REASON_PAUSED;
    case ClaimAnswer::kLater:
      return v1::Refused::REASON_LATER;
    case ClaimAnswer::kElsewhere:
      return v1::Refused::REASON_ELSEWHERE;
    case ClaimAnswer::kGranted:
    case ClaimAnswer::kGone:
      break;
  }
  return v1::Refused::REASON_GONE;
}

const char* Word(v1::Refused::Reason reason) {
  switch (reason) {
    case v1::Refused::REASON_OWNED:
      return "owned";
    case v1::Refused::REASON_PAUSED:
      return "paused";
    case v1::Refused::REASON_LATER:
      return "later";
    case v1::Refused::REASON_ELSEWHERE:
      return "elsewhere";
    case v1::Refused::REASON_VERSION:
      return "version";
    default:
      return "gone";
  }
}

void AddDrift(const google::protobuf::Map<std::string, uint64_t>& counts, const char* kind, std::vector<Drift>* drift) {
  for (const auto& [name, count] : counts)
    drift->push_back(Drift{.extract = {}, .kind = kind, .name = name, .count = count});
}

// A worker may say anything.
absl::Duration CallTime(double seconds) { return absl::Seconds(seconds >= 0 && seconds < 1e6 ? seconds : 0); }

}  // namespace

void ExtractSession::End() {
  if (!granted_) return;
  if (!settled_) LoseBrokenStream();
  Leave();
}

void ExtractSession::Refuse(v1::Refused::Reason reason, const std::string& detail, const std::string& coordinator) {
  service_.metrics_.claims.With({Word(reason)}).Add();
  LogChunk(LogLevel::kDebug, "claim refused", claimed_,
           {{"answer", Word(reason)}, {"reason", detail}, {"worker", worker_}});
  v1::ExtractResponse response;
  response.mutable_refused()->set_coordinator(coordinator);
  response.mutable_refused()->set_reason(reason);
  response.mutable_refused()->set_detail(detail);
  Write(response);
}

ExtractSession::Next ExtractSession::Claim(const v1::Claim& claim) {
  worker_ = claim.worker();
  claimed_.chunk = claim.chunk_id();
  if (claim.protocol() != v1::PROTOCOL_VERSION_1) {
    Refuse(v1::Refused::REASON_VERSION, "deploy the same release of worker and coordinator");
    return Next::kEnd;
  }
  if (service_.draining_) {
    Refuse(v1::Refused::REASON_LATER, "the coordinator is stopping");
    return Next::kEnd;
  }
  LiveClaim live;
  live.chunk = claim.chunk_id();
  live.worker = worker_;
  live.incarnation = claim.incarnation();
  WorkerStream* const stream = &stream_;
  if (!service_.claims_.Add(live, [stream] { stream->Cancel(); })) {
    Refuse(v1::Refused::REASON_OWNED, "another stream holds the chunk");
    return Next::kEnd;
  }
  absl::StatusOr<ChunkService::Claimed> claimed = service_.chunks_.Claim(claim.chunk_id(), worker_, /*live=*/false);
  if (!claimed.ok() || claimed->answer != ClaimAnswer::kGranted) {
    service_.claims_.Remove(claim.chunk_id());
    if (!claimed.ok()) service_.faults_.Set("store", claimed.status().message());
    if (!claimed.ok()) {
      Refuse(v1::Refused::REASON_LATER, std::string(claimed.status().message()));
    } else {
      if (claimed->chunk.id != 0) claimed_ = LabelOf(claimed->chunk);
      const bool elsewhere = claimed->answer == ClaimAnswer::kElsewhere;
      Refuse(RefusalOf(claimed->answer), claimed->detail,
             elsewhere ? service_.membership_.AddressOf(ShardOf(claimed->chunk)) : "");
    }
    return Next::kEnd;
  }
  granted_ = true;
  service_.metrics_.claims.With({"granted"}).Add();
  chunk_ = std::move(claimed->chunk);
  LogChunk(LogLevel::kInfo, "chunk granted", LabelOf(chunk_),
           {{"run", chunk_.run_id},
            {"window", FormatWindow(chunk_.window)},
            {"delivery", chunk_.attempts.deliveries},
            {"worker", worker_}});
  rows_received_ = service_.metrics_.rows_received.With({chunk_.extract});
  bytes_received_ = service_.metrics_.bytes_received.With({chunk_.extract});
  access_open_ = claimed->access_open;
  claimed_at_ = claimed->at;
  service_.claims_.Describe(chunk_);
  rows_ = std::make_unique<ChunkRows>(claimed->plan, service_.spools_);
  road_ = claimed->plan.has_task() ? Road::kTask : Road::kPages;
  v1::ExtractResponse response;
  v1::Granted* const granted = response.mutable_granted();
  granted->set_chunk_id(chunk_.id);
  granted->set_epoch(chunk_.epoch);
  granted->set_credit_bytes(kInitialCreditBytes);
  *granted->mutable_plan() = std::move(claimed->plan);
  granted->mutable_plan()->set_increment(chunk_.priority == 0);
  Write(response);  // when this fails, no message follows, and the chunk is given back
  return Next::kRead;
}

ExtractSession::Next ExtractSession::Handle(v1::ExtractRequest& request) {
  switch (request.message_case()) {
    case v1::ExtractRequest::kBatch:
      return HandleBatch(*request.mutable_batch());
    case v1::ExtractRequest::kProgress: {
      const v1::Progress& progress = request.progress();
      pages_ = progress.pages();
      calls_ = progress.calls();
      service_.claims_.Heard(chunk_.id, pages_, calls_, progress.waiting_for_quota() || progress.waiting_for_task(),
                             CallTime(progress.call_seconds()));
      if (pages_ > 0) NotePage();
      return Next::kRead;
    }
    case v1::ExtractRequest::kFinish:
      return HandleFinish(request.finish());
    case v1::ExtractRequest::kFail: {
      const v1::Fail& fail = request.fail();
      return Lose(Failure{.failure_class =
                              static_cast<FailureClass>(std::clamp<int>(fail.failure_class(), 1, v1::FailureClass_MAX)),
                          .code = fail.code(),
                          .http_status = fail.http_status(),
                          .message = Redact(fail.message()),
                          .request_id = fail.request_id(),
                          .exchange = Redact(fail.exchange()),
                          .calls = fail.calls()},
                  "");
    }
    case v1::ExtractRequest::kRelease:
      return Lose(Failure{.failure_class = FailureClass::kReleased,
                          .message = request.release().reason(),
                          .calls = request.release().calls()},
                  "");
    case v1::ExtractRequest::kClaim:
    case v1::ExtractRequest::MESSAGE_NOT_SET:
      break;
  }
  return Lose(Failure{.failure_class = FailureClass::kCrash,
                      .message = "the worker sent a message that does not belong here",
                      .calls = calls_},
              "unexpected message");
}

void ExtractSession::NotePage() {
  if (access_open_) return;
  access_open_ = true;
  service_.chunks_.NoteOpen(chunk_);
}

ExtractSession::Next ExtractSession::HandleBatch(v1::Batch& batch) {
  if (batch.sequence() != last_sequence_ + 1) {
    return Lose(Failure{.failure_class = FailureClass::kCrash,
                        .message = absl::StrCat("batch ", batch.sequence(), " came after batch ", last_sequence_),
                        .calls = calls_},
                "batches out of order");
  }
  last_sequence_ = batch.sequence();
  const int64_t bytes = static_cast<int64_t>(batch.rows().ByteSizeLong());
  absl::StatusOr<RowBatch> rows = absl::InvalidArgumentError("the plan has no such column group");
  if (batch.group() < rows_->groups()) rows = FromWire(rows_->columns(batch.group()).types, *batch.mutable_rows());
  if (!rows.ok()) {
    return Lose(Failure{.failure_class = FailureClass::kCrash,
                        .message = absl::StrCat("batch ", last_sequence_, ": ", rows.status().message()),
                        .calls = calls_},
                "damaged batch");
  }
  NotePage();
  bytes_received_->Add(static_cast<double>(bytes));
  if (batch.group() == 0) {
    rows_received_->Add(static_cast<double>(rows->rows));
    service_.claims_.RowsArrived(chunk_.id, rows->rows);
  }
  const absl::Status spooled = rows_->Append(batch.group(), *std::move(rows));
  service_.faults_.Set("spool", spooled.message());
  if (!spooled.ok()) {
    service_.metrics_.spool_refusals.Add();
    return Lose(
        Failure{.failure_class = FailureClass::kStore, .message = std::string(spooled.message()), .calls = calls_},
        "the spool is full");
  }
  v1::ExtractResponse response;
  response.mutable_credit()->set_bytes(bytes);
  Write(response);  // when this fails, messages end soon; before, the worker's own last word may be there
  return Next::kRead;
}

bool ExtractSession::AllBatchesCame(const v1::Finish& finish) const {
  bool all = finish.last_sequence() == last_sequence_;
  for (size_t group = 0; group < rows_->groups(); ++group) all = all && finish.rows() == rows_->rows(group);
  return all;
}

ExtractSession::Next ExtractSession::HandleFinish(const v1::Finish& finish) {
  calls_ = finish.calls();
  if (!AllBatchesCame(finish)) {
    return Lose(
        Failure{.failure_class = FailureClass::kCrash,
                .message = absl::StrCat("the worker sent ", finish.rows(), " rows in ", finish.last_sequence(),
                                        " batches, ", rows_->rows(0), " rows in ", last_sequence_, " batches arrived"),
                .calls = calls_},
        "batches are missing");
  }
  FinishFacts facts{.rows = finish.rows(),
                    .promised_rows = finish.promised_rows(),
                    .pages = finish.pages(),
                    .calls = finish.calls(),
                    .request_ids = {finish.request_ids().begin(), finish.request_ids().end()}};
  facts.worker = worker_;
  facts.slice_ids = finish.slice_ids();
  facts.road = road_;
  facts.claimed = claimed_at_;
  AddDrift(finish.unknown_fields(), "unknown field", &facts.drift);
  AddDrift(finish.unparsed_values(), "unparsed value", &facts.drift);
  service_.claims_.Heard(chunk_.id, finish.pages(), finish.calls(), false, CallTime(finish.call_seconds()));
  service_.claims_.SetPublishing(chunk_.id, true);
  const absl::StatusOr<SettleCounts> counts = PublishPatiently(facts);
  service_.claims_.SetPublishing(chunk_.id, false);
  if (counts.ok()) {
    settled_ = true;
    Leave();  // first: the worker may ask for anything as soon as it knows
    LogChunk(LogLevel::kInfo, "chunk committed",
             LabelOf(chunk_, facts.request_ids.empty() ? "" : facts.request_ids.back()),
             {{"run", chunk_.run_id},
              {"window", FormatWindow(chunk_.window)},
              {"rows", counts->rows},
              {"inserted", counts->inserted},
              {"updated", counts->updated},
              {"removed", counts->removed},
              {"calls", calls_},
              {"worker", worker_}});
    v1::ExtractResponse response;
    response.mutable_committed()->set_rows(counts->rows);
    Write(response);
    return Next::kEnd;
  }
  if (absl::IsAborted(counts.status())) {
    settled_ = true;  // somebody else's by now
    LogChunk(LogLevel::kInfo, "chunk refused: it is another's by now", LabelOf(chunk_),
             {{"reason", counts.status().message()}, {"worker", worker_}});
    v1::ExtractResponse response;
    response.mutable_revoked()->set_reason(std::string(counts.status().message()));
    Write(response);
    return Next::kEnd;
  }
  const bool moved = absl::IsFailedPrecondition(counts.status());
  const FailureClass failure_class = moved ? FailureClass::kDrift : FailureClass::kStore;
  if (!moved) service_.faults_.Set("store", counts.status().message());
  return Lose(
      Failure{.failure_class = failure_class, .message = std::string(counts.status().message()), .calls = calls_},
      std::string(counts.status().message()));
}

absl::StatusOr<SettleCounts> ExtractSession::PublishPatiently(const FinishFacts& facts) {
  absl::Duration waited = absl::ZeroDuration();
  for (;;) {
    absl::StatusOr<SettleCounts> counts = service_.chunks_.Publish(chunk_.id, chunk_.epoch, *rows_, facts);
    if (counts.ok() || !StoreMayRecover(counts.status())) return counts;
    service_.faults_.Set("store", counts.status().message());
    if (waited > kStorePatience || stream_.IsCancelled() || service_.draining_) return counts;
    service_.chunks_.Sleep(kStoreRetry);
    waited += kStoreRetry;
  }
}

std::optional<StreamEnd> ExtractSession::Leave() {
  if (left_) return std::nullopt;
  left_ = true;
  return service_.claims_.Remove(chunk_.id);
}

ExtractSession::Next ExtractSession::Lose(Failure failure, const std::string& tell_worker) {
  settled_ = true;
  failure.road = road_;
  Leave();  // first: the next claim may come as soon as the loss is recorded
  service_.chunks_.Fail(chunk_.id, chunk_.epoch, failure);
  v1::ExtractResponse response;
  response.mutable_revoked()->set_reason(tell_worker.empty() ? "noted" : tell_worker);
  Write(response);
  return Next::kEnd;
}

void ExtractSession::LoseBrokenStream() {
  const std::optional<StreamEnd> ended = Leave();
  Failure failure{.calls = calls_, .road = road_};
  const bool worked = pages_ > 0 || last_sequence_ > 0 || chunk_.attempts.deliveries >= kPatientGrants;
  if (service_.draining_) {
    failure.failure_class = FailureClass::kReleased;
    failure.message = "the coordinator stopped";
  } else if (ended.has_value()) {
    failure.failure_class = ended->blame ? FailureClass::kCrash : FailureClass::kReleased;
    failure.message = ended->reason;
  } else {
    failure.failure_class = worked ? FailureClass::kCrash : FailureClass::kReleased;
    failure.message = absl::StrCat("the stream of worker ", worker_, " broke");
  }
  const bool from_here = service_.draining_ || ended.has_value();
  service_.metrics_.streams_lost
      .With({!from_here                          ? "broken"
             : ended.has_value() && ended->blame ? "silent"
                                                 : "revoked"})
      .Add();
  service_.chunks_.Fail(chunk_.id, chunk_.epoch, failure);
}

}  // namespace tikhaul
