#include "coordinator/accounts/access_book.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "coordinator/core/access.h"

namespace tikhaul {
namespace {

absl::Status AskNow(StoreTransaction& tx, const Access& access, absl::Time now) {
  RETURN_IF_ERROR(tx.PutAccess(AskAgain(access, now)));
  return tx.Postpone(access.endpoint, access.advertiser, now);
}

absl::StatusOr<std::vector<Access>> ClosedAsDead(StoreReader& reader, const std::string& advertiser) {
  ASSIGN_OR_RETURN(std::vector<Access> accesses, reader.ListAccess(/*open_too=*/false));
  std::erase_if(accesses, [&](const Access& access) {
    return access.advertiser != advertiser || access.state != AccessState::kAccountDead;
  });
  return accesses;
}

// The account answers at one endpoint, so it is not dead: what is closed for that alone is not known any more.
absl::Status NoteAccountBack(StoreTransaction& tx, const std::string& advertiser, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<Access> dead, ClosedAsDead(tx, advertiser));
  for (const Access& access : dead) {
    Access unknown;
    unknown.advertiser = advertiser;
    unknown.endpoint = access.endpoint;
    unknown.since = now;
    RETURN_IF_ERROR(tx.PutAccess(unknown));
    RETURN_IF_ERROR(tx.Postpone(access.endpoint, advertiser, now));
  }
  return absl::OkStatus();
}

absl::Status Close(StoreTransaction& tx, const Access& access) {
  RETURN_IF_ERROR(tx.PutAccess(access));
  return tx.Postpone(access.endpoint, access.advertiser, access.retry_at);
}

}  // namespace

absl::StatusOr<Access> AccessOf(StoreReader& reader, const std::string& endpoint, const std::string& advertiser) {
  ASSIGN_OR_RETURN(std::optional<Access> access, reader.GetAccess(endpoint, advertiser));
  if (access.has_value()) return *std::move(access);
  Access unknown;
  unknown.advertiser = advertiser;
  unknown.endpoint = endpoint;
  return unknown;
}

absl::Status ExpectAccess(StoreTransaction& tx, const std::string& endpoint, const std::string& advertiser) {
  ASSIGN_OR_RETURN(const std::optional<Access> known, tx.GetAccess(endpoint, advertiser));
  if (known.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Access unknown, AccessOf(tx, endpoint, advertiser));
  return tx.PutAccess(unknown);
}

absl::Status NoteOpen(StoreTransaction& tx, const std::string& endpoint, const std::string& advertiser,
                      absl::Time now) {
  ASSIGN_OR_RETURN(const Access before, AccessOf(tx, endpoint, advertiser));
  if (before.state == AccessState::kOpen) return absl::OkStatus();
  RETURN_IF_ERROR(tx.PutAccess(AfterSuccess(before, now)));
  if (IsClosed(before.state)) RETURN_IF_ERROR(tx.Postpone(endpoint, advertiser, now));
  return before.state == AccessState::kAccountDead ? NoteAccountBack(tx, advertiser, now) : absl::OkStatus();
}

absl::Status NoteClosed(StoreTransaction& tx, const Access& closed) {
  RETURN_IF_ERROR(Close(tx, closed));
  if (closed.state != AccessState::kAccountDead) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Access> all, tx.ListAccess(/*open_too=*/true));
  for (const Access& other : all) {
    if (other.advertiser != closed.advertiser || other.endpoint == closed.endpoint) continue;
    Access same = closed;
    same.endpoint = other.endpoint;
    RETURN_IF_ERROR(Close(tx, same));
  }
  return absl::OkStatus();
}

absl::Status NoteAccountDead(StoreTransaction& tx, const std::string& advertiser, const std::string& message,
                             absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<Access> all, tx.ListAccess(/*open_too=*/true));
  for (const Access& access : all) {
    if (access.advertiser != advertiser) continue;
    return NoteClosed(tx, AfterRefusal(access, AccessState::kAccountDead, 0, message, now));
  }
  return absl::OkStatus();
}

absl::Status NoteAccountListed(StoreTransaction& tx, const std::string& advertiser, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<Access> dead, ClosedAsDead(tx, advertiser));
  for (const Access& access : dead) RETURN_IF_ERROR(AskNow(tx, access, now));
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> AskClosedAgain(StoreTransaction& tx, const std::string& endpoint,
                                        const std::string& advertiser, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<Access> not_open, tx.ListAccess(/*open_too=*/false));
  uint64_t asked = 0;
  for (const Access& access : not_open) {
    const bool meant =
        (endpoint.empty() || access.endpoint == endpoint) && (advertiser.empty() || access.advertiser == advertiser);
    if (!IsClosed(access.state) || !meant) continue;
    RETURN_IF_ERROR(AskNow(tx, access, now));
    ++asked;
  }
  return asked;
}

}  // namespace tikhaul
