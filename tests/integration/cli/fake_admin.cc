#include "tests/integration/cli/fake_admin.h"

#include <grpcpp/health_check_service_interface.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/process.h"

namespace tikhaul {

void FakeAdmin::Answer(const std::string& method, const google::protobuf::Message& answer) {
  const MutexLock lock(mu_);
  answers_[method].push_back(answer.SerializeAsString());
}

void FakeAdmin::Refuse(const std::string& method, grpc::Status error) {
  const MutexLock lock(mu_);
  refusals_[method] = std::move(error);
}

std::vector<std::string> FakeAdmin::requests() const {
  const MutexLock lock(mu_);
  return requests_;
}

grpc::Status FakeAdmin::Reply(const std::string& method, const google::protobuf::Message& request,
                              google::protobuf::Message& answer) {
  const MutexLock lock(mu_);
  requests_.emplace_back(absl::StripAsciiWhitespace(absl::StrCat(method, " ", request.ShortDebugString())));
  if (const auto refusal = refusals_.find(method); refusal != refusals_.end()) return refusal->second;
  std::vector<std::string>& answers = answers_[method];
  if (answers.empty()) return grpc::Status::OK;
  answer.ParseFromString(answers.front());
  if (answers.size() > 1) answers.erase(answers.begin());
  return grpc::Status::OK;
}

grpc::Status FakeAdmin::Check(grpc::ServerContext*, const v1::CheckRequest* q, v1::CheckResponse* a) {
  return Reply("Check", *q, *a);
}
grpc::Status FakeAdmin::ListStreams(grpc::ServerContext*, const v1::ListStreamsRequest* q, v1::ListStreamsResponse* a) {
  return Reply("ListStreams", *q, *a);
}
grpc::Status FakeAdmin::Plan(grpc::ServerContext*, const v1::PlanRequest* q, v1::PlanResponse* a) {
  return Reply("Plan", *q, *a);
}
grpc::Status FakeAdmin::Backfill(grpc::ServerContext* context, const v1::BackfillRequest* q, v1::BackfillResponse* a) {
  while (holds_backfill_ && !context->IsCancelled()) tikhaul::SleepFor(absl::Milliseconds(10));
  return Reply("Backfill", *q, *a);
}
grpc::Status FakeAdmin::Sync(grpc::ServerContext*, const v1::SyncRequest* q, v1::SyncResponse* a) {
  return Reply("Sync", *q, *a);
}
grpc::Status FakeAdmin::ListRuns(grpc::ServerContext*, const v1::ListRunsRequest* q, v1::ListRunsResponse* a) {
  return Reply("ListRuns", *q, *a);
}
grpc::Status FakeAdmin::Cancel(grpc::ServerContext*, const v1::CancelRequest* q, v1::CancelResponse* a) {
  return Reply("Cancel", *q, *a);
}
grpc::Status FakeAdmin::Pause(grpc::ServerContext*, const v1::PauseRequest* q, v1::PauseResponse* a) {
  return Reply("Pause", *q, *a);
}
grpc::Status FakeAdmin::Resume(grpc::ServerContext*, const v1::ResumeRequest* q, v1::ResumeResponse* a) {
  return Reply("Resume", *q, *a);
}
grpc::Status FakeAdmin::Retry(grpc::ServerContext*, const v1::RetryRequest* q, v1::RetryResponse* a) {
  return Reply("Retry", *q, *a);
}
grpc::Status FakeAdmin::ListDeadLetters(grpc::ServerContext*, const v1::ListDeadLettersRequest* q,
                                        v1::ListDeadLettersResponse* a) {
  return Reply("ListDeadLetters", *q, *a);
}
grpc::Status FakeAdmin::ListCursors(grpc::ServerContext*, const v1::ListCursorsRequest* q, v1::ListCursorsResponse* a) {
  return Reply("ListCursors", *q, *a);
}
grpc::Status FakeAdmin::ListLedger(grpc::ServerContext*, const v1::ListLedgerRequest* q, v1::ListLedgerResponse* a) {
  return Reply("ListLedger", *q, *a);
}
grpc::Status FakeAdmin::ListRestatements(grpc::ServerContext*, const v1::ListRestatementsRequest* q,
                                         v1::ListRestatementsResponse* a) {
  return Reply("ListRestatements", *q, *a);
}
grpc::Status FakeAdmin::GetCalendar(grpc::ServerContext*, const v1::GetCalendarRequest* q, v1::GetCalendarResponse* a) {
  return Reply("GetCalendar", *q, *a);
}
grpc::Status FakeAdmin::GetStatus(grpc::ServerContext*, const v1::GetStatusRequest* q, v1::Status* a) {
  return Reply("GetStatus", *q, *a);
}

template <typename Message>
grpc::Status FakeAdmin::SendAll(const std::string& method, const google::protobuf::Message& request,
                                grpc::ServerWriter<Message>* writer) {
  std::vector<std::string> answers;
  {
    const MutexLock lock(mu_);
    requests_.emplace_back(absl::StripAsciiWhitespace(absl::StrCat(method, " ", request.ShortDebugString())));
    if (const auto refusal = refusals_.find(method); refusal != refusals_.end()) return refusal->second;
    answers = answers_[method];
  }
  for (const std::string& bytes : answers) {
    Message answer;
    answer.ParseFromString(bytes);
    if (!writer->Write(answer)) break;
  }
  return grpc::Status::OK;
}

grpc::Status FakeAdmin::WatchStatus(grpc::ServerContext*, const v1::WatchStatusRequest* q,
                                    grpc::ServerWriter<v1::Status>* writer) {
  return SendAll("WatchStatus", *q, writer);
}
grpc::Status FakeAdmin::Verify(grpc::ServerContext*, const v1::VerifyRequest* q,
                               grpc::ServerWriter<v1::VerifyResult>* writer) {
  return SendAll("Verify", *q, writer);
}
grpc::Status FakeAdmin::ListFigures(grpc::ServerContext*, const v1::ListFiguresRequest* q,
                                    grpc::ServerWriter<v1::FiguresPage>* writer) {
  return SendAll("ListFigures", *q, writer);
}

std::unique_ptr<grpc::Server> ServeAdmin(FakeAdmin& admin, const std::string& address) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&admin);
  return builder.BuildAndStart();
}

}  // namespace tikhaul
