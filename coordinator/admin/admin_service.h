// The operators' side of the coordinator: gRPC in, the services of the coordinator out. No decisions here.
#ifndef TIKHAUL_COORDINATOR_ADMIN_ADMIN_SERVICE_H_
#define TIKHAUL_COORDINATOR_ADMIN_ADMIN_SERVICE_H_

#include <atomic>

#include "coordinator/accounts/accounts.h"
#include "coordinator/admin/checker.h"
#include "coordinator/admin/status_builder.h"
#include "coordinator/ingest/claim_table.h"
#include "coordinator/runs/run_service.h"
#include "coordinator/store/store.h"
#include "coordinator/verify/verify_service.h"
#include "tikhaul/v1/admin.grpc.pb.h"

namespace tikhaul {

// Thread-safe. Borrows what it is given.
class AdminService final : public v1::Admin::Service {
 public:
  struct Parts {
    const v1::Config& config;
    const ExtractRegistry& extracts;
    Store& store;
    Accounts& accounts;
    RunService& runs;
    ClaimTable& claims;
    QuotaKeeper& quota;
    FaultBoard& faults;
    StatusBuilder& status;
    VerifyService& verify;
    const Clock& clock;
    std::function<void()> wake_dispatcher;
  };
  explicit AdminService(Parts parts) : parts_(std::move(parts)) {}

  // Ends the watches, so that the server can stop.
  void Stop() { stopping_ = true; }

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
  // What `request` asks for, once for its idempotency key.
  template <typename Request, typename Response>
  absl::Status Once(
      const Request& request, Response* response, const std::function<absl::Status(StoreTransaction&)>& change,
      const std::function<absl::Status()>& prepare = [] { return absl::OkStatus(); });
  absl::StatusOr<v1::Run> WithCounts(StoreReader& reader, const Run& run);
  // INVALID_ARGUMENT or NOT_FOUND when the scope or what it names is not known.
  absl::Status CheckScope(StoreReader& reader, const std::string& scope, const std::string& name);
  template <typename Response>
  absl::Status AddRuns(StoreReader& reader, const std::vector<StartedRun>& started, Response* response);

  const Parts parts_;
  std::atomic<bool> stopping_{false};
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ADMIN_ADMIN_SERVICE_H_
