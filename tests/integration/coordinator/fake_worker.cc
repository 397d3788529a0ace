#include "tests/integration/coordinator/fake_worker.h"

#include <chrono>
#include <utility>

#include "common/base/civil.h"
#include "common/model/row_batch.h"
#include "common/wire/row_batch_wire.h"

namespace tikhaul {

FakeWorker::FakeWorker(v1::Ingest::Stub& stub, std::string name) : name_(std::move(name)) {
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  stream_ = stub.Extract(&context_);
}

FakeWorker::~FakeWorker() {
  if (!ended_) Break();
}

v1::ExtractResponse FakeWorker::Receive() {
  v1::ExtractResponse response;
  if (!stream_->Read(&response)) response.Clear();
  if (response.has_credit()) credit_ += response.credit().bytes();
  return response;
}

v1::ExtractResponse FakeWorker::Claim(ChunkId chunk) {
  v1::ExtractRequest request;
  request.mutable_claim()->set_protocol(v1::PROTOCOL_VERSION_1);
  request.mutable_claim()->set_chunk_id(chunk);
  request.mutable_claim()->set_worker(name_);
  request.mutable_claim()->set_incarnation(name_ + "-start");
  Send(request);
  v1::ExtractResponse response = Receive();
  if (response.has_granted()) {
    granted_ = response.granted();
    credit_ = granted_.credit_bytes();
  }
  return response;
}

bool FakeWorker::SendDays(const std::vector<std::string>& days, const std::string& ad) {
  RowBatch batch;
  batch.rows = days.size();
  const std::vector<ColumnType> types = {ColumnType::kDate,  ColumnType::kString, ColumnType::kDecimal,
                                         ColumnType::kInt64, ColumnType::kJson,   ColumnType::kJson};
  for (const ColumnType type : types) batch.columns.emplace_back(type);
  for (const std::string& day : days) {
    batch.columns[0].AppendNumber(DayNumber(ParseDay(day).value()));
    batch.columns[1].AppendText(ad);
    batch.columns[2].AppendDecimal({.unscaled = 125, .scale = 2});
    batch.columns[3].AppendNumber(7);
    batch.columns[4].AppendNull();
    batch.columns[5].AppendNull();
  }
  v1::ExtractRequest request;
  request.mutable_batch()->set_sequence(++sequence_);
  ToWire(batch, request.mutable_batch()->mutable_rows());
  rows_ += days.size();
  credit_ -= static_cast<int64_t>(request.batch().rows().ByteSizeLong());
  return Send(request);
}

v1::ExtractResponse FakeWorker::Finish(uint64_t promised_rows) {
  v1::ExtractRequest request;
  v1::Finish* const finish = request.mutable_finish();
  finish->set_last_sequence(sequence_);
  finish->set_rows(rows_);
  finish->set_promised_rows(promised_rows);
  finish->set_pages(1);
  finish->set_calls(2);
  finish->add_request_ids("request-1");
  (*finish->mutable_unknown_fields())["brand_new"] = rows_;
  Send(request);
  return ReceiveVerdict();
}

v1::ExtractResponse FakeWorker::Fail(v1::FailureClass failure_class, int code, const std::string& message) {
  v1::ExtractRequest request;
  v1::Fail* const fail = request.mutable_fail();
  fail->set_failure_class(failure_class);
  fail->set_code(code);
  fail->set_http_status(200);
  fail->set_message(message);
  fail->set_request_id("request-9");
  fail->set_exchange("GET report/integrated/get/?advertiser_id=7 -> {\"code\":40002}");
  fail->set_calls(3);
  Send(request);
  return ReceiveVerdict();
}

v1::ExtractResponse FakeWorker::Release() {
  v1::ExtractRequest request;
  request.mutable_release()->set_reason("the worker is stopping");
  Send(request);
  return ReceiveVerdict();
}

void FakeWorker::SendProgress(uint64_t pages, uint64_t calls) {
  v1::ExtractRequest request;
  request.mutable_progress()->set_pages(pages);
  request.mutable_progress()->set_calls(calls);
  Send(request);
}

void FakeWorker::Break() {
  context_.TryCancel();
  End();
}

grpc::Status FakeWorker::End() {
  ended_ = true;
  v1::ExtractResponse response;
  while (stream_->Read(&response)) {
  }
  return stream_->Finish();
}

v1::ExtractResponse FakeWorker::ReceiveVerdict() {
  for (;;) {
    v1::ExtractResponse response = Receive();
    if (!response.has_credit()) return response;
  }
}

}  // namespace tikhaul
