#include "worker/page_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/tiktok/exchange_text.h"

namespace tikhaul {
namespace {

constexpr int kTooManyIds = 40011;           // tiktok-api.md 3.5, 4.2: fewer days would not help
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

std::vector<std::string> IdMembers(const v1::ReadPlan& plan) {
  std::vector<std::string> members;
  for (const v1::IdListing& listing : plan.listings()) members.push_back(listing.id_member());
  return members;
}

void AddCounts(const FieldCounts& from, FieldCounts* to) {
  for (const auto& [name, count] : from) (*to)[name] += count;
}

}  // namespace

PageReader::PageReader(const v1::ReadPlan& plan, Secret token, std::vector<RowDecoder> decoders, PageSource& source,
                       MemoryBudget& budget, ChunkInbox& inbox, uint32_t window)
    : narrows_too_big_(plan.slice_too_big()),
      connection_(plan.connection()),
      increment_(plan.increment()),
      id_members_(IdMembers(plan)),
      pages_(plan),
      token_(std::move(token)),
      decoders_(std::move(decoders)),
      source_(source),
      budget_(budget),
      inbox_(inbox),
      window_(std::max(window, 1u)),
      expected_bytes_(kFirstGuess),
      unknown_fields_(decoders_.size()),
      unparsed_values_(decoders_.size()) {}

PageReader::~PageReader() { Abandon(); }

ApiCall PageReader::CallOf(const PageRef& ref) const {
  ApiCall call{pages_.PathOf(ref), pages_.ParamsOf(ref), token_};
  call.connection = connection_;
  call.increment = increment_;
  return call;
}

void PageReader::Ask() {
  while (asked_.size() < window_) {
    if (!next_.has_value()) next_ = pages_.Next();
    if (!next_.has_value()) return;
    MemoryBudget::Lease lease;
    if (!budget_.TryTake(expected_bytes_, &lease, this, [inbox = &inbox_] { inbox->Poke(); })) return;
    const PageRef ref = *next_;
    next_.reset();
    ApiCall call = CallOf(ref);
    call.booked_bytes = expected_bytes_;
    const uint64_t id = source_.Send(std::move(call), [inbox = &inbox_, ref](ApiTransport::Result result) {
      inbox->AddPage(ref, std::move(result));
    });
    asked_[ref] = {id, std::move(lease)};
  }
}

std::optional<ApiFault> PageReader::Accept(ArrivedPage page, std::deque<ReadyBatch>* batches) {
  MemoryBudget::Lease body = budget_.Empty();
  if (auto asked = asked_.extract(page.ref); !asked.empty()) body = std::move(asked.mapped().lease);
  body.Resize(page.result.answer.body.capacity());
  page.result.answer.booking.reset();
  calls_ += page.result.calls;
  call_time_ += page.result.call_time;
  if (page.result.ok) return Decode(page.ref, std::move(page.result.answer), batches);
  const ApiFault& fault = page.result.fault;
  const bool too_big = fault.failure_class == FailureClass::kTooBig;
  const bool by_ids = narrows_too_big_ || fault.code == kTooManyIds;
  if (too_big && by_ids && pages_.Narrow(page.ref, 0)) return std::nullopt;
  return std::move(page.result.fault);
}

std::optional<ApiFault> PageReader::Decode(const PageRef& ref, ApiAnswer answer, std::deque<ReadyBatch>* batches) {
  if (answer.truncated) return NarrowTruncated(ref, answer);
  const absl::Status taken = pages_.ListingOf(ref) < 0 ? TakeRows(ref, answer, batches) : TakeIds(ref, answer);
  if (taken.ok()) return std::nullopt;
  return FaultOf(taken, answer.request_id, ExchangeText(CallOf(ref), 200, answer.body));
}

absl::Status PageReader::TakeRows(const PageRef& ref, ApiAnswer& answer, std::deque<ReadyBatch>* batches) {
  const uint32_t group = pages_.GroupOf(ref);
  ASSIGN_OR_RETURN(DecodedPage page, decoders_[group].Decode(answer.body));
  RETURN_IF_ERROR(pages_.Arrived(ref, answer.request_id, page));
  AddCounts(page.unknown_fields, &unknown_fields_[group]);
  AddCounts(page.unparsed_values, &unparsed_values_[group]);
  uint64_t bytes = answer.body.size();
  for (RowBatch& rows : page.batches) {
    ReadyBatch ready{std::move(rows), budget_.Empty(), group};
    ready.lease.Resize(ready.rows.ByteSize());
    bytes += ready.lease.bytes();
    batches->push_back(std::move(ready));
  }
  expected_bytes_ = asked_.empty() && pages_.pages() == 1 ? bytes : std::max(expected_bytes_, bytes);
  return absl::OkStatus();
}

absl::Status PageReader::TakeIds(const PageRef& ref, ApiAnswer& answer) {
  ASSIGN_OR_RETURN(RowDecoder* const decoder, ListingDecoder(pages_.ListingOf(ref)));
  ASSIGN_OR_RETURN(const DecodedPage page, decoder->Decode(answer.body));
  std::vector<std::string> ids;
  for (const RowBatch& rows : page.batches) {
    for (size_t row = 0; row < rows.rows; ++row) ids.emplace_back(rows.columns[0].Text(row));
  }
  return pages_.ArrivedIds(ref, page, ids);
}

// What such an answer holds is thrown away: the narrower requests bring it again.
std::optional<ApiFault> PageReader::NarrowTruncated(const PageRef& ref, ApiAnswer& answer) {
  ApiFault fault = FaultOf(absl::FailedPreconditionError("the API looked at its newest 20,000 objects only (header "
                                                         "X-Tt-Ads-Throttle): the answer is not whole"),
                           answer.request_id, ExchangeText(CallOf(ref), 200, answer.body));
  fault.failure_class = FailureClass::kTruncated;
  if (ref.page > 1) {  // the first page was whole: objects were made meanwhile
    fault.failure_class = FailureClass::kDrift;
    return fault;
  }
  const absl::StatusOr<DecodedPage> page = decoders_[pages_.GroupOf(ref)].Decode(answer.body);
  const bool told = page.ok() && page->page_info.has_value();
  if (pages_.Narrow(ref, told ? page->page_info->total_number : 0)) return std::nullopt;
  return fault;
}

absl::StatusOr<RowDecoder*> PageReader::ListingDecoder(int listing) {
  const auto known = listing_decoders_.find(listing);
  if (known != listing_decoders_.end()) return &known->second;
  v1::ReadPlan plan;
  plan.set_rows_member("list");
  plan.set_paged(true);
  v1::ColumnPlan& id = *plan.add_columns();
  id.set_name(id_members_[static_cast<size_t>(listing)]);
  id.set_member(id.name());
  id.set_type(v1::COLUMN_TYPE_STRING);
  id.set_source(v1::ColumnPlan::SOURCE_FIELD);
  id.set_key(true);
  ASSIGN_OR_RETURN(RowDecoder decoder, RowDecoder::Make(plan));
  return &listing_decoders_.emplace(listing, std::move(decoder)).first->second;
}

FieldCounts PageReader::MostOf(const std::vector<FieldCounts>& of_groups) {
  FieldCounts most;
  for (const FieldCounts& counts : of_groups) {
    for (const auto& [name, count] : counts) most[name] = std::max(most[name], count);
  }
  return most;
}

void PageReader::Abandon() {
  budget_.Forget(this);
  next_.reset();
  for (const auto& [ref, asked] : asked_) source_.Cancel(asked.id);
  while (!asked_.empty()) {
    for (const ArrivedPage& page : inbox_.Wait(absl::Seconds(1)).pages) {
      asked_.erase(page.ref);
      calls_ += page.result.calls;
      call_time_ += page.result.call_time;
    }
  }
}

void PageReader::Describe(v1::Finish* finish) const {
  finish->set_rows(pages_.rows());
  finish->set_promised_rows(pages_.promised_rows());
  finish->set_pages(pages_.pages());
  finish->set_calls(calls_);
  finish->set_call_seconds(absl::ToDoubleSeconds(call_time_));
  finish->set_slice_ids(pages_.slice_ids());
  for (std::string& id : pages_.RequestIds()) finish->add_request_ids(std::move(id));
  for (const auto& [name, count] : unknown_fields()) (*finish->mutable_unknown_fields())[name] = count;
  for (const auto& [name, count] : unparsed_values()) (*finish->mutable_unparsed_values())[name] = count;
}

bool PageReader::WaitsForQuota() const {
  return !asked_.empty() && std::none_of(asked_.begin(), asked_.end(),
                                         [this](const auto& entry) { return source_.IsUnderWay(entry.second.id); });
}

}  // namespace tikhaul
