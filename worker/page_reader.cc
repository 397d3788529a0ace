#include "worker/page_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/tiktok/exchange_text.h"

namespace tikhaul {
namespace {

constexpr uint64_t kFirstGuess = 512 << 10;  // bytes of a page and its batches, before one was seen

FailureClass ClassOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAborted:
      return FailureClass::kDrift;
    case absl::StatusCode::kDataLoss:
      return FailureClass::kTransient;
    default:
      return FailureClass::kPermanent;
  }
}

ApiFault FaultOf(const absl::Status& status, const std::string& request_id, std::string exchange) {
  ApiFault fault;
  fault.failure_class = ClassOf(status);
  fault.http_status = 200;
  fault.message = ValidUtf8(status.message());
  fault.request_id = request_id;
  fault.exchange = std::move(exchange);
  return fault;
}

void AddCounts(const FieldCounts& from, FieldCounts* to) {
  for (const auto& [name, count] : from) (*to)[name] += count;
}

}  // namespace

PageReader::PageReader(const v1::ReadPlan& plan, Secret token, RowDecoder decoder, PageSource& source,
                       MemoryBudget& budget, ChunkInbox& inbox, uint32_t window)
    : pages_(plan),
      token_(std::move(token)),
      decoder_(std::move(decoder)),
      source_(source),
      budget_(budget),
      inbox_(inbox),
      window_(std::max(window, 1u)),
      expected_bytes_(kFirstGuess) {}

PageReader::~PageReader() { Abandon(); }

ApiCall PageReader::CallOf(const PageRef& ref) const {
  return ApiCall{pages_.PathOf(ref), pages_.ParamsOf(ref), token_};
}

void PageReader::Ask() {
  while (asked_.size() < window_) {
    if (!next_.has_value()) next_ = pages_.Next();
    if (!next_.has_value()) return;
    MemoryBudget::Lease lease;
    if (!budget_.TryTake(expected_bytes_, &lease, this, [inbox = &inbox_] { inbox->Poke(); })) return;
    const PageRef ref = *next_;
    next_.reset();
    const uint64_t id = source_.Send(
        CallOf(ref), [inbox = &inbox_, ref](ApiTransport::Result result) { inbox->AddPage(ref, std::move(result)); });
    asked_[ref] = {id, std::move(lease)};
  }
}

std::optional<ApiFault> PageReader::Accept(ArrivedPage page, std::deque<ReadyBatch>* batches) {
  const auto asked = asked_.extract(page.ref);
  calls_ += page.result.calls;
  if (!page.result.ok) return std::move(page.result.fault);
  return Decode(page.ref, std::move(page.result.answer), batches);
}

std::optional<ApiFault> PageReader::Decode(const PageRef& ref, ApiAnswer answer, std::deque<ReadyBatch>* batches) {
  const auto fault = [&](const absl::Status& status) {
    return FaultOf(status, answer.request_id, ExchangeText(CallOf(ref), 200, answer.body));
  };
  if (answer.truncated) {
    ApiFault truncated = fault(absl::FailedPreconditionError(
        "the API looked at its newest 20,000 objects only (header X-Tt-Ads-Throttle): the answer is not whole"));
    truncated.failure_class = FailureClass::kTruncated;
    return truncated;
  }
  MemoryBudget::Lease body = budget_.Empty();
  body.Resize(answer.body.capacity());
  absl::StatusOr<DecodedPage> page = decoder_.Decode(answer.body);
  if (!page.ok()) return fault(page.status());
  if (const absl::Status status = pages_.Arrived(ref, answer.request_id, *page); !status.ok()) return fault(status);
  AddCounts(page->unknown_fields, &unknown_fields_);
  AddCounts(page->unparsed_values, &unparsed_values_);
  uint64_t bytes = answer.body.size();
  for (RowBatch& rows : page->batches) {
    ReadyBatch ready{std::move(rows), budget_.Empty()};
    ready.lease.Resize(ready.rows.ByteSize());
    bytes += ready.lease.bytes();
    batches->push_back(std::move(ready));
  }
  expected_bytes_ = asked_.empty() && pages_.pages() == 1 ? bytes : std::max(expected_bytes_, bytes);
  return std::nullopt;
}

void PageReader::Abandon() {
  budget_.Forget(this);
  next_.reset();
  for (const auto& [ref, asked] : asked_) source_.Cancel(asked.id);
  while (!asked_.empty()) {
    for (const ArrivedPage& page : inbox_.Wait(absl::Seconds(1)).pages) {
      asked_.erase(page.ref);
      calls_ += page.result.calls;
    }
  }
}

bool PageReader::WaitsForQuota() const {
  return !asked_.empty() && std::none_of(asked_.begin(), asked_.end(),
                                         [this](const auto& entry) { return source_.IsUnderWay(entry.second.id); });
}

}  // namespace tikhaul
