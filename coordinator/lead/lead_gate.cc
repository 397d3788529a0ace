#include "coordinator/lead/lead_gate.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/lead.h"

namespace tikhaul {
namespace {

grpc::Status NotHere(grpc::ServerContext& context, const std::string& lead) {
  context.AddTrailingMetadata(kLeadMetadata, lead);
  return grpc::Status(grpc::StatusCode::UNAVAILABLE,
                      lead.empty() ? "no coordinator leads at the moment; one of them takes over within 15 s"
                                   : absl::StrCat("this coordinator does not lead: ask ", lead));
}

}  // namespace

void LeadGate::Open(LeadServices services) {
  MutexLock lock(mu_);
  services_ = services;
}

void LeadGate::Close() {
  MutexLock lock(mu_);
  services_ = {};
  while (calls_ > 0) left_.Wait(mu_);
}

template <typename Call>
grpc::Status LeadGate::Pass(grpc::ServerContext& context, Call call) {
  LeadServices services;
  {
    MutexLock lock(mu_);
    services = services_;
    if (services.admin != nullptr) ++calls_;
  }
  if (services.admin == nullptr) return NotHere(context, lead_address_());
  const auto leave = absl::MakeCleanup([this] {
    MutexLock lock(mu_);
    --calls_;
    left_.SignalAll();
  });
  return call(services);
}

template <typename Request, typename Answer>
grpc::Status LeadGate::PassOn(grpc::Status (v1::Admin::Service::*method)(grpc::ServerContext*, const Request*, Answer*),
                              grpc::ServerContext* context, const Request* request, Answer* answer) {
  return Pass(*context, [&](const LeadServices& lead) { return (lead.admin->*method)(context, request, answer); });
}

grpc::Status LeadGate::AskQuota(grpc::ServerContext& context, const std::function<grpc::Status(QuotaLender&)>& ask) {
  return Pass(context, [&](const LeadServices& lead) { return ask(*lead.quota); });
}

grpc::Status LeadGate::Check(grpc::ServerContext* context, const v1::CheckRequest* request, v1::CheckResponse* answer) {
  return PassOn(&v1::Admin::Service::Check, context, request, answer);
}

grpc::Status LeadGate::ListStreams(grpc::ServerContext* context, const v1::ListStreamsRequest* request,
                                   v1::ListStreamsResponse* answer) {
  return PassOn(&v1::Admin::Service::ListStreams, context, request, answer);
}

grpc::Status LeadGate::Plan(grpc::ServerContext* context, const v1::PlanRequest* request, v1::PlanResponse* answer) {
  return PassOn(&v1::Admin::Service::Plan, context, request, answer);
}

grpc::Status LeadGate::Backfill(grpc::ServerContext* context, const v1::BackfillRequest* request,
                                v1::BackfillResponse* answer) {
  return PassOn(&v1::Admin::Service::Backfill, context, request, answer);
}

grpc::Status LeadGate::Sync(grpc::ServerContext* context, const v1::SyncRequest* request, v1::SyncResponse* answer) {
  return PassOn(&v1::Admin::Service::Sync, context, request, answer);
}

grpc::Status LeadGate::GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                                 v1::Status* answer) {
  return PassOn(&v1::Admin::Service::GetStatus, context, request, answer);
}

grpc::Status LeadGate::WatchStatus(grpc::ServerContext* context, const v1::WatchStatusRequest* request,
                                   grpc::ServerWriter<v1::Status>* answer) {
  return PassOn(&v1::Admin::Service::WatchStatus, context, request, answer);
}

grpc::Status LeadGate::ListRuns(grpc::ServerContext* context, const v1::ListRunsRequest* request,
                                v1::ListRunsResponse* answer) {
  return PassOn(&v1::Admin::Service::ListRuns, context, request, answer);
}

grpc::Status LeadGate::Cancel(grpc::ServerContext* context, const v1::CancelRequest* request,
                              v1::CancelResponse* answer) {
  return PassOn(&v1::Admin::Service::Cancel, context, request, answer);
}

grpc::Status LeadGate::Pause(grpc::ServerContext* context, const v1::PauseRequest* request, v1::PauseResponse* answer) {
  return PassOn(&v1::Admin::Service::Pause, context, request, answer);
}

grpc::Status LeadGate::Resume(grpc::ServerContext* context, const v1::ResumeRequest* request,
                              v1::ResumeResponse* answer) {
  return PassOn(&v1::Admin::Service::Resume, context, request, answer);
}

grpc::Status LeadGate::Retry(grpc::ServerContext* context, const v1::RetryRequest* request, v1::RetryResponse* answer) {
  return PassOn(&v1::Admin::Service::Retry, context, request, answer);
}

grpc::Status LeadGate::ListDeadLetters(grpc::ServerContext* context, const v1::ListDeadLettersRequest* request,
                                       v1::ListDeadLettersResponse* answer) {
  return PassOn(&v1::Admin::Service::ListDeadLetters, context, request, answer);
}

grpc::Status LeadGate::ListCursors(grpc::ServerContext* context, const v1::ListCursorsRequest* request,
                                   v1::ListCursorsResponse* answer) {
  return PassOn(&v1::Admin::Service::ListCursors, context, request, answer);
}

grpc::Status LeadGate::ListLedger(grpc::ServerContext* context, const v1::ListLedgerRequest* request,
                                  v1::ListLedgerResponse* answer) {
  return PassOn(&v1::Admin::Service::ListLedger, context, request, answer);
}

grpc::Status LeadGate::Verify(grpc::ServerContext* context, const v1::VerifyRequest* request,
                              grpc::ServerWriter<v1::VerifyResult>* answer) {
  return PassOn(&v1::Admin::Service::Verify, context, request, answer);
}

grpc::Status LeadGate::ListFigures(grpc::ServerContext* context, const v1::ListFiguresRequest* request,
                                   grpc::ServerWriter<v1::FiguresPage>* answer) {
  return PassOn(&v1::Admin::Service::ListFigures, context, request, answer);
}

grpc::Status LeadGate::ListRestatements(grpc::ServerContext* context, const v1::ListRestatementsRequest* request,
                                        v1::ListRestatementsResponse* answer) {
  return PassOn(&v1::Admin::Service::ListRestatements, context, request, answer);
}

grpc::Status LeadGate::GetCalendar(grpc::ServerContext* context, const v1::GetCalendarRequest* request,
                                   v1::GetCalendarResponse* answer) {
  return PassOn(&v1::Admin::Service::GetCalendar, context, request, answer);
}

}  // namespace tikhaul
