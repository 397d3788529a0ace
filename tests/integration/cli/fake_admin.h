// A coordinator's admin service with answers that a test sets, on a real socket.
#ifndef TIKHAUL_TESTS_INTEGRATION_CLI_FAKE_ADMIN_H_
#define TIKHAUL_TESTS_INTEGRATION_CLI_FAKE_ADMIN_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "google/protobuf/message.h"
#include "tikhaul/v1/admin.grpc.pb.h"

namespace tikhaul {

// Thread-safe. Answers are set by method name ("Plan"); without one the answer is empty. A list of answers is given out
// one by one, the last again and again. Streaming methods send their whole list and end.
class FakeAdmin final : public v1::Admin::Service {
 public:
  void Answer(const std::string& method, const google::protobuf::Message& answer);
  void Refuse(const std::string& method, grpc::Status error);
  // Backfill is not answered before the call is cancelled.
  void HoldBackfill() { holds_backfill_ = true; }
  // Requests so far, as short text in protobuf's text form: "Pause scope: \"all\"".
  std::vector<std::string> requests() const;

  grpc::Status Check(grpc::ServerContext*, const v1::CheckRequest* q, v1::CheckResponse* a) override;
  grpc::Status ListStreams(grpc::ServerContext*, const v1::ListStreamsRequest* q, v1::ListStreamsResponse* a) override;
  grpc::Status Plan(grpc::ServerContext*, const v1::PlanRequest* q, v1::PlanResponse* a) override;
  grpc::Status Backfill(grpc::ServerContext*, const v1::BackfillRequest* q, v1::BackfillResponse* a) override;
  grpc::Status Sync(grpc::ServerContext*, const v1::SyncRequest* q, v1::SyncResponse* a) override;
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest* q, v1::Status* a) override;
  grpc::Status WatchStatus(grpc::ServerContext*, const v1::WatchStatusRequest* q,
                           grpc::ServerWriter<v1::Status>* writer) override;
  grpc::Status ListRuns(grpc::ServerContext*, const v1::ListRunsRequest* q, v1::ListRunsResponse* a) override;
  grpc::Status Cancel(grpc::ServerContext*, const v1::CancelRequest* q, v1::CancelResponse* a) override;
  grpc::Status Pause(grpc::ServerContext*, const v1::PauseRequest* q, v1::PauseResponse* a) override;
  grpc::Status Resume(grpc::ServerContext*, const v1::ResumeRequest* q, v1::ResumeResponse* a) override;
  grpc::Status Retry(grpc::ServerContext*, const v1::RetryRequest* q, v1::RetryResponse* a) override;
  grpc::Status ListDeadLetters(grpc::ServerContext*, const v1::ListDeadLettersRequest* q,
                               v1::ListDeadLettersResponse* a) override;
  grpc::Status ListCursors(grpc::ServerContext*, const v1::ListCursorsRequest* q, v1::ListCursorsResponse* a) override;
  grpc::Status ListLedger(grpc::ServerContext*, const v1::ListLedgerRequest* q, v1::ListLedgerResponse* a) override;
  grpc::Status Verify(grpc::ServerContext*, const v1::VerifyRequest* q,
                      grpc::ServerWriter<v1::VerifyResult>* writer) override;
  grpc::Status ListFigures(grpc::ServerContext*, const v1::ListFiguresRequest* q,
                           grpc::ServerWriter<v1::FiguresPage>* writer) override;
  grpc::Status ListRestatements(grpc::ServerContext*, const v1::ListRestatementsRequest* q,
                                v1::ListRestatementsResponse* a) override;
  grpc::Status GetCalendar(grpc::ServerContext*, const v1::GetCalendarRequest* q, v1::GetCalendarResponse* a) override;

 private:
  grpc::Status Reply(const std::string& method, const google::protobuf::Message& request,
                     google::protobuf::Message& answer);
  template <typename Message>
  grpc::Status SendAll(const std::string& method, const google::protobuf::Message& request,
                       grpc::ServerWriter<Message>* writer);

  std::atomic<bool> holds_backfill_{false};
  mutable Mutex mu_;
  std::map<std::string, std::vector<std::string>> answers_ ABSL_GUARDED_BY(mu_);  // serialised
  std::map<std::string, grpc::Status> refusals_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mu_);
};

// Serves `admin` and gRPC's health service at `address` until it goes. nullptr when the address is taken.
std::unique_ptr<grpc::Server> ServeAdmin(FakeAdmin& admin, const std::string& address);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_CLI_FAKE_ADMIN_H_
