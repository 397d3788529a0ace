#include "worker/chunk_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/model/names.h"
#include "common/tiktok/exchange_text.h"
#include "common/wire/row_batch_wire.h"
#include "worker/page_reader.h"
#include "worker/row_decoder.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kClaimPatience = absl::Seconds(15);
constexpr absl::Duration kProgressEvery = absl::Seconds(2);  // the coordinator wants news every 5 s
// A cancelled stream takes with it what the coordinator has not read yet, which may be busy with the store.
constexpr absl::Duration kClosePatience = absl::Seconds(30);
constexpr absl::Duration kCommitPatience = absl::Seconds(1);  // of a process that is stopping

absl::StatusOr<Secret> TokenOf(const v1::Config& config, const std::string& connection) {
  for (const v1::Connection& candidate : config.connections()) {
    if (candidate.name() == connection) return ReadToken(candidate);
  }
  return absl::NotFoundError(absl::StrCat("connection \"", connection,
                                          "\" is not in this worker's tikhaul.yaml; workers and ",
                                          "coordinator must be given the same connections"));
}

ApiFault LocalFault(FailureClass failure_class, const absl::Status& status) {
  ApiFault fault;
  fault.failure_class = failure_class;
  fault.message = std::string(status.message());
  return fault;
}

}  // namespace

const char* Name(ChunkOutcome outcome) {
  switch (outcome) {
    case ChunkOutcome::kCommitted:
      return "committed";
    case ChunkOutcome::kRefused:
      return "refused";
    case ChunkOutcome::kElsewhere:
      return "elsewhere";
    case ChunkOutcome::kFailed:
      return "failed";
    case ChunkOutcome::kReleased:
      return "released";
    case ChunkOutcome::kLost:
      return "lost";
    case ChunkOutcome::kUnreachable:
      return "unreachable";
  }
  return "unknown";
}

ChunkRun::ChunkRun(const RunContext& context, v1::Ingest::StubInterface& stub, ChunkInbox& inbox, ChunkId chunk)
    : context_(context), inbox_(inbox), label_{.chunk = chunk}, stream_(stub, inbox) {}

ChunkOutcome ChunkRun::Run(const std::function<void()>& answered) {
  const absl::Duration start = context_.clock.Monotonic();
  const std::optional<v1::Granted> granted = Claim(answered);
  const absl::Duration granted_at = context_.clock.Monotonic();
  const ChunkOutcome outcome = granted.has_value() ? Extract(*granted) : refusal_;
  const absl::Duration now = context_.clock.Monotonic();
  NoteCredit(false);
  context_.metrics.chunks.With({Name(outcome)}).Add();
  if (granted.has_value()) context_.metrics.chunk_seconds.Observe(now - granted_at);
  const bool told = outcome == ChunkOutcome::kFailed || outcome == ChunkOutcome::kLost;
  LogChunk(granted.has_value() && !told ? LogLevel::kInfo : LogLevel::kDebug, "chunk settled", label_,
           {{"outcome", Name(outcome)}, {"reason", end_reason_}, {"took", absl::FormatDuration(now - start)}});
  return outcome;
}

void ChunkRun::NoteGrant(const v1::Granted& granted) {
  const v1::ReadPlan& plan = granted.plan();
  label_ = {
      .chunk = label_.chunk, .epoch = granted.epoch(), .extract = plan.extract(), .advertiser = plan.advertiser_id()};
  source_.emplace(context_.source, label_);
  rows_sent_ = context_.metrics.rows_sent.With({plan.extract()});
  bytes_sent_ = context_.metrics.bytes_sent.With({plan.extract()});
  LogChunk(LogLevel::kInfo, "chunk begun", label_, {{"window", plan.window()}, {"worker", context_.worker}});
}

std::optional<v1::Granted> ChunkRun::Claim(const std::function<void()>& answered) {
  v1::Claim* claim = message_.mutable_claim();
  claim->set_protocol(v1::PROTOCOL_VERSION_1);
  claim->set_chunk_id(label_.chunk);
  claim->set_worker(context_.worker);
  claim->set_incarnation(context_.incarnation);
  const absl::Duration deadline = context_.clock.Monotonic() + kClaimPatience;
  if (!stream_.Write(message_)) return std::nullopt;
  while (context_.clock.Monotonic() < deadline) {
    ChunkEvents events = inbox_.Wait(absl::Seconds(1));
    credit_bytes_ += events.credit_bytes;
    const bool elsewhere = events.refused.has_value() && !events.refused->coordinator().empty();
    if (events.granted.has_value() || (events.refused.has_value() && !elsewhere)) answered();
    if (events.granted.has_value()) {
      if (events.end.has_value() || events.release) inbox_.Poke();  // for the next look
      return std::move(events.granted);
    }
    if (events.refused.has_value()) {
      refusal_ = elsewhere ? ChunkOutcome::kElsewhere : ChunkOutcome::kRefused;
      elsewhere_ = events.refused->coordinator();
      end_reason_ = v1::Refused::Reason_Name(events.refused->reason());
      CloseStream();
      return std::nullopt;
    }
    if (events.end.has_value() || events.release) return std::nullopt;
  }
  end_reason_ = "no answer to the claim";
  return std::nullopt;
}

ChunkOutcome ChunkRun::Extract(const v1::Granted& granted) {
  NoteGrant(granted);
  credit_bytes_ += granted.credit_bytes();
  last_sent_ = context_.clock.Monotonic();
  const absl::StatusOr<Secret> token = TokenOf(context_.config, granted.plan().connection());
  if (!token.ok()) return Fail(LocalFault(FailureClass::kAuth, token.status()), 0);
  absl::StatusOr<std::unique_ptr<ChunkReader>> reader = ReaderFor(granted.plan(), *token);
  if (!reader.ok()) return Fail(LocalFault(FailureClass::kPermanent, reader.status()), 0);
  const ChunkOutcome outcome = ReadPages(**reader);
  context_.metrics.pages.With({label_.extract}).Add(static_cast<double>((*reader)->pages()));
  return outcome;
}

absl::StatusOr<std::unique_ptr<ChunkReader>> ChunkRun::ReaderFor(const v1::ReadPlan& plan, Secret token) {
  if (plan.has_task()) {
    ASSIGN_OR_RETURN(CsvDecoder decoder, CsvDecoder::Make(plan));
    return std::make_unique<TaskReader>(plan, std::move(token), std::move(decoder), *source_, context_.budget, inbox_,
                                        context_.clock, context_.tasks);
  }
  ASSIGN_OR_RETURN(std::vector<RowDecoder> decoders, RowDecoder::MakeAll(plan));
  return std::make_unique<PageReader>(plan, std::move(token), std::move(decoders), *source_, context_.budget, inbox_,
                                      context_.window);
}

ChunkOutcome ChunkRun::ReadPages(ChunkReader& reader) {
  std::optional<ChunkOutcome> outcome;
  while (!Step(reader, &outcome)) {
    if (outcome.has_value()) return *outcome;
  }
  return Finish(reader);
}

bool ChunkRun::Step(ChunkReader& reader, std::optional<ChunkOutcome>* outcome) {
  std::optional<ApiFault> fault = reader.Advance(&batches_);
  if (!fault.has_value()) {
    // When this fails the stream has ended, which the inbox tells below.
    if (SendBatches() && reader.Done() && batches_.empty()) return true;
    const absl::Duration until_progress = last_sent_ + kProgressEvery - context_.clock.Monotonic();
    const absl::Duration wait = std::min(until_progress, reader.NextAdvance());
    const ChunkEvents events = Listen(std::max(wait, absl::ZeroDuration()), reader, &fault);
    if (events.end.has_value()) {
      *outcome = Lost();
    } else if (!fault.has_value() && events.release) {
      *outcome = GiveBack(reader);
    } else if (!fault.has_value() && !SendProgress(reader)) {
      *outcome = Lost();
    }
  }
  if (fault.has_value() && !outcome->has_value()) {
    reader.Abandon();
    *outcome = Fail(*fault, reader.calls());
  }
  return false;
}

ChunkEvents ChunkRun::Listen(absl::Duration wait, ChunkReader& reader, std::optional<ApiFault>* fault) {
  ChunkEvents events = inbox_.Wait(wait);
  credit_bytes_ += events.credit_bytes;
  end_reason_ = events.end_reason;
  for (ArrivedPage& page : events.pages) {
    // After a fault or the stream's end the others are taken off the list only.
    std::optional<ApiFault> of_page = reader.Accept(std::move(page), &batches_);
    if (!fault->has_value()) *fault = std::move(of_page);
  }
  return events;
}

bool ChunkRun::SendBatches() {
  while (!batches_.empty() && credit_bytes_ > 0 && !inbox_.ended()) {
    v1::Batch* batch = message_.mutable_batch();
    batch->set_sequence(++sequence_);
    batch->set_group(batches_.front().group);
    ToWire(batches_.front().rows, batch->mutable_rows());
    if (batch->group() == 0) rows_sent_->Add(static_cast<double>(batches_.front().rows.rows));
    batches_.pop_front();
    const size_t bytes = batch->rows().ByteSizeLong();
    bytes_sent_->Add(static_cast<double>(bytes));
    credit_bytes_ -= static_cast<int64_t>(bytes);
    if (!stream_.Write(message_)) return false;
    last_sent_ = context_.clock.Monotonic();
  }
  NoteCredit(!batches_.empty() && credit_bytes_ <= 0);
  return true;
}

void ChunkRun::NoteCredit(bool waits) {
  if (waits == without_credit_since_.has_value()) return;
  const absl::Duration now = context_.clock.Monotonic();
  if (waits) {
    context_.metrics.credit_stalls.Add();
    without_credit_since_ = now;
  } else {
    context_.metrics.credit_stall_seconds.Add(absl::ToDoubleSeconds(now - *without_credit_since_));
    without_credit_since_.reset();
  }
}

bool ChunkRun::SendProgress(const ChunkReader& reader) {
  if (context_.clock.Monotonic() - last_sent_ < kProgressEvery) return true;
  Request message;
  v1::Progress* progress = message.mutable_progress();
  progress->set_pages(reader.pages());
  progress->set_calls(reader.calls());
  progress->set_call_seconds(absl::ToDoubleSeconds(reader.call_time()));
  progress->set_waiting_for_quota(reader.WaitsForQuota());
  progress->set_waiting_for_task(reader.WaitsForTask());
  last_sent_ = context_.clock.Monotonic();
  return stream_.Write(message);
}

ChunkOutcome ChunkRun::Finish(const ChunkReader& reader) {
  v1::Finish* finish = message_.mutable_finish();
  finish->set_last_sequence(sequence_);
  reader.Describe(finish);
  if (finish->request_ids_size() > 0) label_.request_id = *finish->request_ids().rbegin();
  LogChunk(LogLevel::kInfo, "chunk read", label_,
           {{"rows", finish->rows()}, {"pages", finish->pages()}, {"calls", finish->calls()}});
  if (!stream_.Write(message_)) return Lost();
  stream_.WritesDone();
  // The commit may take its time; a dead coordinator is noticed by keepalive.
  ChunkEvents events;
  while (!events.end.has_value() && !events.release) events = inbox_.Wait(absl::Seconds(10));
  if (!events.end.has_value()) events = inbox_.Wait(kCommitPatience);
  end_reason_ = events.end_reason;
  if (events.end != StreamEnd::kCommitted) return Lost();
  CloseStream();
  return ChunkOutcome::kCommitted;
}

ChunkOutcome ChunkRun::Fail(const ApiFault& fault, uint64_t calls) {
  end_reason_ = fault.message;
  label_.request_id = fault.request_id;
  LogChunk(LogLevel::kInfo, "chunk failed", label_,
           {{"class", Name(fault.failure_class)},
            {"code", fault.code},
            {"http_status", fault.http_status},
            {"message", fault.message}});
  v1::Fail* fail = message_.mutable_fail();
  fail->set_failure_class(static_cast<v1::FailureClass>(fault.failure_class));
  fail->set_code(fault.code);
  fail->set_http_status(fault.http_status);
  fail->set_message(ValidUtf8(fault.message));
  fail->set_request_id(fault.request_id);
  fail->set_exchange(fault.exchange);
  fail->set_calls(calls);
  if (!stream_.Write(message_)) return Lost();
  CloseStream();
  return ChunkOutcome::kFailed;
}

ChunkOutcome ChunkRun::GiveBack(ChunkReader& reader) {
  reader.Abandon();
  message_.mutable_release()->set_reason("the worker is stopping");
  message_.mutable_release()->set_calls(reader.calls());
  if (!stream_.Write(message_)) return Lost();
  CloseStream();
  return ChunkOutcome::kReleased;
}

// The chunk is no longer ours; the reader's destructor cancels its calls.
ChunkOutcome ChunkRun::Lost() {
  if (inbox_.WaitForEnd(absl::ZeroDuration())) {
    const grpc::Status status = stream_.Finish();
    if (!status.ok()) absl::StrAppend(&end_reason_, " ", status.error_message());
  }
  LogChunk(LogLevel::kInfo, "chunk lost", label_, {{"reason", end_reason_}});
  return ChunkOutcome::kLost;
}

void ChunkRun::CloseStream() {
  stream_.WritesDone();
  if (!inbox_.WaitForEnd(kClosePatience)) stream_.Cancel();
  stream_.Finish();
}

}  // namespace tikhaul
