// How a coordinator that does not lead says who does: with UNAVAILABLE, and this in the trailing metadata.
#ifndef TIKHAUL_COMMON_RPC_LEAD_H_
#define TIKHAUL_COMMON_RPC_LEAD_H_

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>

namespace tikhaul {

// The lead's address; empty while nobody leads.
inline constexpr char kLeadMetadata[] = "tikhaul-lead";

// What the answer to a call said of that; nothing when it came from the lead, or not at all. Call after the call.
inline std::optional<std::string> LeadNamedBy(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(kLeadMetadata);
  if (found == metadata.end()) return std::nullopt;
  return std::string(found->second.data(), found->second.size());
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_RPC_LEAD_H_
