// What only the lead answers, on every coordinator: passed on to the lead's own services while this one leads, else
// answered with where to ask.
#ifndef TIKHAUL_COORDINATOR_LEAD_LEAD_GATE_H_
#define TIKHAUL_COORDINATOR_LEAD_LEAD_GATE_H_

#include <functional>
#include <string>

#include "common/base/mutex.h"
#include "common/quota/limiter.h"
#include "tikhaul/v1/admin.grpc.pb.h"

namespace tikhaul {

// What the lead offers. Thread-safe.
struct LeadServices {
  v1::Admin::Service* admin = nullptr;
  QuotaLender* quota = nullptr;
};

// Thread-safe.
class LeadGate final : public v1::Admin::Service {
 public:
  // `lead_address`: of the coordinator that leads now; empty when nobody does.
  explicit LeadGate(std::function<std::string()> lead_address) : lead_address_(std::move(lead_address)) {}

  // From now on calls are passed on. Borrowed until Close() has returned.
  void Open(LeadServices services) ABSL_LOCKS_EXCLUDED(mu_);
  // Passes nothing on any more, and waits for the calls under way, which should be told to end before.
  void Close() ABSL_LOCKS_EXCLUDED(mu_);

  // For the workers' questions.
  grpc::Status AskQuota(grpc::ServerContext& context, const std::function<grpc::Status(QuotaLender&)>& ask);

  grpc::Status Check(grpc::ServerContext*, const v1::CheckRequest*, v1::CheckResponse*) override;
  grpc::Status ListStreams(grpc::ServerContext*, const v1::ListStreamsRequest*, v1::ListStreamsResponse*) override;
  grpc::Status Plan(grpc::ServerContext*, const v1::PlanRequest*, v1::PlanResponse*) override;
  grpc::Status Backfill(grpc::ServerContext*, const v1::BackfillRequest*, v1::BackfillResponse*) override;
  grpc::Status Sync(grpc::ServerContext*, const v1::SyncRequest*, v1::SyncResponse*) override;
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*, v1::Status*) override;
  grpc::Status WatchStatus(grpc::ServerContext*, const v1::WatchStatusRequest*,
                           grpc::ServerWriter<v1::Status>*) override;
  grpc::Status ListRuns(grpc::ServerContext*, const v1::ListRunsRequest*, v1::ListRunsResponse*) override;
  grpc::Status Cancel(grpc::ServerContext*, const v1::CancelRequest*, v1::CancelResponse*) override;
  grpc::Status Pause(grpc::ServerContext*, const v1::PauseRequest*, v1::PauseResponse*) override;
  grpc::Status Resume(grpc::ServerContext*, const v1::ResumeRequest*, v1::ResumeResponse*) override;
  grpc::Status Retry(grpc::ServerContext*, const v1::RetryRequest*, v1::RetryResponse*) override;
  grpc::Status ListDeadLetters(grpc::ServerContext*, const v1::ListDeadLettersRequest*,
                               v1::ListDeadLettersResponse*) override;
  grpc::Status ListCursors(grpc::ServerContext*, const v1::ListCursorsRequest*, v1::ListCursorsResponse*) override;
  grpc::Status ListLedger(grpc::ServerContext*, const v1::ListLedgerRequest*, v1::ListLedgerResponse*) override;
  grpc::Status Verify(grpc::ServerContext*, const v1::VerifyRequest*, grpc::ServerWriter<v1::VerifyResult>*) override;
  grpc::Status ListFigures(grpc::ServerContext*, const v1::ListFiguresRequest*,
                           grpc::ServerWriter<v1::FiguresPage>*) override;
  grpc::Status ListRestatements(grpc::ServerContext*, const v1::ListRestatementsRequest*,
                                v1::ListRestatementsResponse*) override;
  grpc::Status GetCalendar(grpc::ServerContext*, const v1::GetCalendarRequest*, v1::GetCalendarResponse*) override;

 private:
  template <typename Call>
  grpc::Status Pass(grpc::ServerContext& context, Call call) ABSL_LOCKS_EXCLUDED(mu_);
  // The same of the admin service.
  template <typename Request, typename Answer>
  grpc::Status PassOn(grpc::Status (v1::Admin::Service::*method)(grpc::ServerContext*, const Request*, Answer*),
                      grpc::ServerContext* context, const Request* request, Answer* answer);

  const std::function<std::string()> lead_address_;
  Mutex mu_;
  CondVar left_;
  LeadServices services_ ABSL_GUARDED_BY(mu_);
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_LEAD_LEAD_GATE_H_
