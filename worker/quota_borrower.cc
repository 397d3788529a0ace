#include "worker/quota_borrower.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "common/base/status_macros.h"
#include "common/rpc/lead.h"

namespace tikhaul {
namespace {

constexpr std::chrono::seconds kPatience(1);
constexpr int kTries = 2;  // the one that was thought to lead, and the one it names

}  // namespace

absl::StatusOr<v1::QuotaAnswer> QuotaBorrower::Ask(const v1::QuotaQuestion& question) {
  std::string problem;
  for (int tries = 0; tries < kTries; ++tries) {
    ASSIGN_OR_RETURN(const IngestStub stub, links_.At(links_.Lead()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::QuotaAnswer answer;
    const grpc::Status status = stub->AskQuota(&context, question, &answer);
    if (status.ok()) return answer;
    problem = status.error_message();
    const std::string lead = LeadNamedBy(context).value_or("");
    links_.SetLead(lead);  // empty: ask at home again, the next time
    if (lead.empty()) break;
  }
  return absl::UnavailableError(problem);
}

absl::StatusOr<QuotaScripts::Grant> QuotaBorrower::Acquire(const std::vector<QuotaScripts::Wanted>& wanted,
                                                           uint32_t most) {
  v1::QuotaQuestion question;
  question.set_most(most);
  for (const QuotaScripts::Wanted& one : wanted) {
    v1::QuotaQuestion::Wanted& asked = *question.add_wanted();
    asked.set_connection(one.token_class.connection);
    asked.set_increment(one.token_class.increment);
    asked.set_path(one.token_class.path);
    asked.set_count(one.count);
  }
  ASSIGN_OR_RETURN(const v1::QuotaAnswer answer, Ask(question));
  QuotaScripts::Grant grant;
  for (const uint32_t granted : answer.granted()) grant.tokens.push_back({granted, ""});
  grant.wait = absl::Seconds(answer.wait());
  return grant;
}

absl::Status QuotaBorrower::Throttled(absl::Duration age) {
  v1::QuotaQuestion question;
  question.set_throttled_age(absl::ToDoubleSeconds(age));
  return Ask(question).status();
}

}  // namespace tikhaul
