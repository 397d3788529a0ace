// A worker that does what a test tells it, one chunk at a time.
#ifndef TIKHAUL_TESTS_INTEGRATION_COORDINATOR_FAKE_WORKER_H_
#define TIKHAUL_TESTS_INTEGRATION_COORDINATOR_FAKE_WORKER_H_

#include <memory>
#include <string>
#include <vector>

#include "common/model/chunk.h"
#include "grpcpp/grpcpp.h"
#include "tikhaul/v1/ingest.grpc.pb.h"

namespace tikhaul {

// One Extract stream. One thread at a time; every answer is waited for at most 20 s.
class FakeWorker {
 public:
  explicit FakeWorker(v1::Ingest::Stub& stub, std::string name = "fake");
  ~FakeWorker();  // breaks the stream if it is still open

  // Sends any message; false when the stream has ended.
  bool Send(const v1::ExtractRequest& request) { return stream_->Write(request); }
  // The next answer; without a message when the stream has ended.
  v1::ExtractResponse Receive();
  // Claims and gives the answer.
  v1::ExtractResponse Claim(ChunkId chunk);
  // A batch of `days`, one row each ("2026-03-01"), of ad `ad`, for plans of the columns stat_time_day, ad_id, spend
  // and clicks. Spend is 1.25, clicks are 7.
  bool SendDays(const std::vector<std::string>& days, const std::string& ad = "1234567890123456789");
  // Says that everything sent so far is all there is, and gives the answer after the credits.
  v1::ExtractResponse Finish(uint64_t promised_rows);
  v1::ExtractResponse Finish() { return Finish(rows_); }
  v1::ExtractResponse Fail(v1::FailureClass failure_class, int code = 0, const std::string& message = "as told");
  v1::ExtractResponse Release();
  void SendProgress(uint64_t pages, uint64_t calls);
  // Ends the stream as a killed process would.
  void Break();
  // How the stream ended.
  grpc::Status End();

  const v1::ReadPlan& plan() const { return granted_.plan(); }
  uint64_t epoch() const { return granted_.epoch(); }
  int64_t credit() const { return credit_; }

 private:
  // Skips credits.
  v1::ExtractResponse ReceiveVerdict();

  const std::string name_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ExtractRequest, v1::ExtractResponse>> stream_;
  v1::Granted granted_;
  uint64_t sequence_ = 0, rows_ = 0;
  int64_t credit_ = 0;
  bool ended_ = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_COORDINATOR_FAKE_WORKER_H_
