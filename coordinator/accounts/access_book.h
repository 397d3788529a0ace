// Writes what the permission matrix (core/access.h) makes of events, inside the caller's transaction.
#ifndef TIKHAUL_COORDINATOR_ACCOUNTS_ACCESS_BOOK_H_
#define TIKHAUL_COORDINATOR_ACCOUNTS_ACCESS_BOOK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/model/chunk.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Work was planned for the pair: its field is there from now on, unknown until it is asked.
absl::Status ExpectAccess(StoreTransaction& tx, const std::string& endpoint, const std::string& advertiser);
// The field as recorded; unknown when there is none.
absl::StatusOr<Access> AccessOf(StoreReader& reader, const std::string& endpoint, const std::string& advertiser);

// A page came: the pair's other chunks may run, and a dead account lives again, so its other fields are asked at once.
absl::Status NoteOpen(StoreTransaction& tx, const std::string& endpoint, const std::string& advertiser, absl::Time now);
// `closed` is what core made of a refusal: its chunks wait until then. Of a dead account all fields are closed with it.
absl::Status NoteClosed(StoreTransaction& tx, const Access& closed);
// The list of accounts says that the account is closed to the token, or that it is open again.
absl::Status NoteAccountDead(StoreTransaction& tx, const std::string& advertiser, const std::string& message,
                             absl::Time now);
absl::Status NoteAccountListed(StoreTransaction& tx, const std::string& advertiser, absl::Time now);

// All closed fields are asked again at once, or those of one endpoint or advertiser. Returns how many there are.
absl::StatusOr<uint64_t> AskClosedAgain(StoreTransaction& tx, const std::string& endpoint,
                                        const std::string& advertiser, absl::Time now);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ACCOUNTS_ACCESS_BOOK_H_
