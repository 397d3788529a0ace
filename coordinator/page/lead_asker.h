// Questions to the coordinator that leads, from whichever coordinator serves the page.
#ifndef TIKHAUL_COORDINATOR_PAGE_LEAD_ASKER_H_
#define TIKHAUL_COORDINATOR_PAGE_LEAD_ASKER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "coordinator/lead/lead_gate.h"
#include "coordinator/membership/membership.h"

namespace tikhaul {

// The way to another coordinator; as OpenChannel (common/rpc/channel.h).
using ChannelOpener = std::function<absl::StatusOr<std::shared_ptr<grpc::Channel>>(const std::string& address)>;

// Thread-safe. Borrows what it is given.
class LeadAsker {
 public:
  LeadAsker(LeadGate& gate, const Membership& membership, ChannelOpener open)
      : gate_(gate), membership_(membership), open_(std::move(open)) {}

  // One unary method of the admin service, at this process while it leads (`here`), else at the lead (`there`), which
  // is shown `authorization`, the header of whoever asks. UNAVAILABLE while nobody leads.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (v1::Admin::Service::*here)(grpc::ServerContext*, const Request*,
                                                                        Response*),
                               grpc::Status (v1::Admin::Stub::*there)(grpc::ClientContext*, const Request&, Response*),
                               const Request& request, const std::string& authorization) {
    Response response;
    if (membership_.Leads()) {
      grpc::ServerContext context;
      const grpc::Status answered = (gate_.*here)(&context, &request, &response);
      return Result(answered, std::move(response));
    }
    absl::StatusOr<std::shared_ptr<v1::Admin::Stub>> lead = Lead();
    if (!lead.ok()) return lead.status();
    grpc::ClientContext context;
    Prepare(context, authorization);
    const grpc::Status answered = ((*lead).get()->*there)(&context, request, &response);
    return Result(answered, std::move(response));
  }

 private:
  template <typename Response>
  static absl::StatusOr<Response> Result(const grpc::Status& status, Response response) {
    if (status.ok()) return response;
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }
  absl::StatusOr<std::shared_ptr<v1::Admin::Stub>> Lead() ABSL_LOCKS_EXCLUDED(mu_);
  static void Prepare(grpc::ClientContext& context, const std::string& authorization);

  LeadGate& gate_;
  const Membership& membership_;
  const ChannelOpener open_;
  Mutex mu_;
  std::string address_ ABSL_GUARDED_BY(mu_);  // of stub_
  std::shared_ptr<v1::Admin::Stub> stub_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_PAGE_LEAD_ASKER_H_
