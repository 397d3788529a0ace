#include "coordinator/peer/peer_service.h"

#include "coordinator/admin/convert.h"

namespace tikhaul {

v1::PeerReport PeerService::Describe() const {
  v1::PeerReport report;
  for (const LiveClaim& claim : claims_.List()) {
    if (!claim.granted()) continue;
    v1::PeerReport::Claim* const out = report.add_claims();
    out->set_extract(claim.extract);
    out->set_calls(claim.calls);
  }
  for (const SeenWorker& worker : claims_.Workers()) {
    v1::WorkerInfo* const out = report.add_workers();
    out->set_name(worker.name);
    out->set_incarnation(worker.incarnation);
    out->set_chunks(worker.chunks);
    SetInstant(worker.last_seen, out->mutable_last_seen());
  }
  const CallPace pace = claims_.Pace();
  report.set_calls_per_second(pace.per_second);
  report.set_calls_under_way(pace.under_way);
  if (const std::optional<uint32_t> wanted = wanted_.Get()) report.set_wanted_workers(*wanted);
  for (const std::string& fault : faults_.Lines()) report.add_faults(fault);
  return report;
}

}  // namespace tikhaul
