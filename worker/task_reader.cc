#include "worker/task_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/tiktok/exchange_text.h"
#include "simdjson.h"

namespace tikhaul {
namespace {

constexpr size_t kPipeBytes = 512 << 10;
constexpr uint64_t kHeldBytes = 3 << 20;  // pipe, what was drained of it, and the batch that is not full
constexpr size_t kMostBatches = 4;        // waiting to be sent; more text is not taken then
constexpr int kUnknownTask = 40007, kNotReady = 40201;

// A text member of an answer's `data`; empty when it is not there.
std::string DataText(const std::string& body, const char* name) {
  simdjson::dom::parser parser;
  std::string_view text;
  const simdjson::padded_string padded(body);
  if (parser.parse(padded)["data"][name].get_string().get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

}  // namespace

TaskReader::TaskReader(const v1::ReadPlan& plan, Secret token, CsvDecoder decoder, PageSource& source,
                       MemoryBudget& budget, ChunkInbox& inbox, const Clock& clock, TaskPolicy policy)
    : task_(plan.task()),
      connection_(plan.connection()),
      increment_(plan.increment()),
      advertiser_(plan.advertiser_id()),
      token_(std::move(token)),
      decoder_(std::move(decoder)),
      source_(source),
      budget_(budget),
      inbox_(inbox),
      clock_(clock),
      policy_(policy),
      pipe_(std::make_shared<TextPipe>(kPipeBytes, [&inbox] { inbox.Poke(); })),
      pause_(policy.first_look) {}

TaskReader::~TaskReader() { Abandon(); }

void TaskReader::Send(ApiCall call) {
  call.connection = connection_;
  call.increment = increment_;
  asked_ = source_.Send(std::move(call), [inbox = &inbox_](ApiTransport::Result result) {
    inbox->AddPage(PageRef{}, std::move(result));
  });
}

ApiCall TaskReader::CallOf(const std::string& path) const {
  return {.path = path, .params = {{"advertiser_id", advertiser_}, {"task_id", task_id_}}, .token = token_};
}

std::optional<ApiFault> TaskReader::Advance(std::deque<ReadyBatch>* batches) {
  const absl::Duration now = clock_.Monotonic();
  switch (stage_) {
    case Stage::kCreate:
      if (!asked_.has_value()) {
        Send({.path = task_.create_path(), .params = {}, .token = token_, .json_body = Secret(task_.create_body())});
      }
      return std::nullopt;
    case Stage::kWait:
      if (now - made_at_ > policy_.patience) {
        return FaultOf(absl::DeadlineExceededError(absl::StrCat("asynchronous report ", task_id_, " is not done after ",
                                                                absl::FormatDuration(policy_.patience))),
                       FailureClass::kTransient);
      }
      if (!asked_.has_value() && now >= next_look_) Send(CallOf(task_.check_path()));
      return std::nullopt;
    case Stage::kDownload:
      StartDownload();
      return DecodeText(batches);
    case Stage::kDone:
      return std::nullopt;
  }
  return std::nullopt;
}

absl::Duration TaskReader::NextAdvance() const {
  if (stage_ != Stage::kWait || asked_.has_value()) return absl::InfiniteDuration();
  return std::max(next_look_ - clock_.Monotonic(), absl::ZeroDuration());
}

void TaskReader::StartDownload() {
  if (asked_.has_value() || text_is_whole_) return;
  if (!budget_.TryTake(kHeldBytes, &lease_, this, [inbox = &inbox_] { inbox->Poke(); })) return;
  ApiCall call = CallOf(task_.download_path());
  call.text_sink = pipe_;
  Send(std::move(call));
}

std::optional<ApiFault> TaskReader::DecodeText(std::deque<ReadyBatch>* batches) {
  if (batches->size() >= kMostBatches) return std::nullopt;
  bool turned_away = false;
  const bool whole = text_is_whole_;  // looked at first: what comes afterwards is in the pipe
  const std::string text = pipe_->Drain(&turned_away);
  if (turned_away && asked_.has_value()) source_.Resume(*asked_);
  std::vector<RowBatch> full;
  absl::Status status = decoder_.Feed(text, &full);
  if (status.ok() && whole) status = decoder_.Finish(&full);
  for (RowBatch& rows : full) {
    ReadyBatch ready{std::move(rows), budget_.Empty()};
    ready.lease.Resize(ready.rows.ByteSize());
    batches->push_back(std::move(ready));
  }
  if (!status.ok()) {
    const bool torn = status.code() == absl::StatusCode::kDataLoss;
    return FaultOf(status, torn ? FailureClass::kTransient : FailureClass::kPermanent);
  }
  if (whole) {
    stage_ = Stage::kDone;
    lease_.Resize(0);
  }
  return std::nullopt;
}

std::optional<ApiFault> TaskReader::Accept(ArrivedPage page, std::deque<ReadyBatch>* /*batches*/) {
  asked_.reset();
  calls_ += page.result.calls;
  call_time_ += page.result.call_time;
  if (!page.result.ok) return TakeFault(std::move(page.result.fault));
  ApiAnswer& answer = page.result.answer;
  if (stage_ != Stage::kWait) request_ids_.push_back(answer.request_id);
  switch (stage_) {
    case Stage::kCreate:
      return TakeCreated(answer);
    case Stage::kWait:
      return TakeStatus(answer);
    case Stage::kDownload:
      return TakeEnd(answer);
    case Stage::kDone:
      break;
  }
  return std::nullopt;
}

std::optional<ApiFault> TaskReader::TakeFault(ApiFault fault) {
  if (stage_ == Stage::kCreate) return fault;
  if (fault.code == kNotReady) {
    stage_ = Stage::kWait;
    lease_.Resize(0);
    WaitMore();
    return std::nullopt;
  }
  if (fault.code == kUnknownTask) {
    fault.failure_class = FailureClass::kTransient;
    fault.message = absl::StrCat("asynchronous report ", task_id_, " is gone: ", fault.message);
  }
  return fault;
}

std::optional<ApiFault> TaskReader::TakeCreated(ApiAnswer& answer) {
  task_id_ = DataText(answer.body, "task_id");
  if (task_id_.empty()) {
    return FaultOf(absl::DataLossError("the answer to the making of an asynchronous report names no task"),
                   FailureClass::kTransient);
  }
  made_at_ = clock_.Monotonic();
  stage_ = Stage::kWait;
  WaitMore();
  return std::nullopt;
}

void TaskReader::WaitMore() {
  next_look_ = clock_.Monotonic() + pause_;
  pause_ = std::min(pause_ * 2, policy_.longest_pause);
}

std::optional<ApiFault> TaskReader::TakeStatus(ApiAnswer& answer) {
  const std::string status = DataText(answer.body, "status");
  if (status == "SUCCESS") {
    stage_ = Stage::kDownload;
    return std::nullopt;
  }
  if (status != "FAILED" && status != "CANCELED") {  // QUEUING, PROCESSING, and words still to come
    WaitMore();
    return std::nullopt;
  }
  const std::string message = DataText(answer.body, "message");
  ApiFault fault = FaultOf(absl::UnavailableError(absl::StrCat("asynchronous report ", task_id_, " is ", status,
                                                               message.empty() ? "" : ": ", message)),
                           FailureClass::kTransient);
  fault.request_id = answer.request_id;
  return fault;
}

std::optional<ApiFault> TaskReader::TakeEnd(ApiAnswer& answer) {
  text_is_whole_ = answer.is_text;
  if (answer.is_text) return std::nullopt;
  ApiFault fault = FaultOf(absl::DataLossError(absl::StrCat("asynchronous report ", task_id_, " came without a text")),
                           FailureClass::kTransient);
  fault.request_id = answer.request_id;
  fault.exchange = ExchangeText(CallOf(task_.download_path()), 200, answer.body);
  return fault;
}

ApiFault TaskReader::FaultOf(const absl::Status& status, FailureClass failure_class) const {
  ApiFault fault;
  fault.failure_class = failure_class;
  fault.http_status = 200;
  fault.message = ValidUtf8(status.message());
  if (!request_ids_.empty()) fault.request_id = request_ids_.back();
  return fault;
}

void TaskReader::Abandon() {
  budget_.Forget(this);
  if (asked_.has_value()) source_.Cancel(*asked_);
  while (asked_.has_value()) {
    for (const ArrivedPage& page : inbox_.Wait(absl::Seconds(1)).pages) {
      asked_.reset();
      calls_ += page.result.calls;
      call_time_ += page.result.call_time;
    }
  }
}

void TaskReader::Describe(v1::Finish* finish) const {
  finish->set_rows(decoder_.rows());
  finish->set_promised_rows(decoder_.rows());
  finish->set_pages(pages());
  finish->set_calls(calls_);
  finish->set_call_seconds(absl::ToDoubleSeconds(call_time_));
  for (const std::string& id : request_ids_) finish->add_request_ids(id);
  for (const auto& [name, count] : decoder_.unknown_fields()) (*finish->mutable_unknown_fields())[name] = count;
  for (const auto& [name, count] : decoder_.unparsed_values()) (*finish->mutable_unparsed_values())[name] = count;
}

}  // namespace tikhaul
