// Holds the objects (campaigns, ad groups, adverts) of one extract and advertiser against how many the API lists, and
// against the ids that reports mention.
//
//   rows_lost        fewer or more objects than the newest read proves to have been committed: flagged
//   newer_objects    the table is as it was read, and the API lists another number now
//   objects_missing  reports mention ids that the table lacks and the API lists: flagged
//   gone_in_api      reports mention ids that the table lacks and the API does not list, either
#ifndef TIKHAUL_COORDINATOR_VERIFY_OBJECT_VERIFIER_H_
#define TIKHAUL_COORDINATOR_VERIFY_OBJECT_VERIFIER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"
#include "coordinator/verify/figure_asker.h"
#include "coordinator/verify/findings.h"
#include "coordinator/verify/verify_task.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// For one task, used once, by one thread. Borrows everything. `extracts`: whose reports may mention ids.
class ObjectVerifier {
 public:
  ObjectVerifier(const VerifyTask& task, const ExtractRegistry& extracts, Store& store, FigureAsker& asker,
                 v1::VerifyResult& result);

  // Fills the result. A failed status: nothing can be said.
  absl::Status Run();

 private:
  // A stretch of creation days, or everything, with the read that counts for it. `whole`: all that the read committed.
  struct Part {
    Window window;
    LedgerEntry read;
    bool whole = false;
  };
  absl::StatusOr<std::vector<Part>> Parts();
  absl::Status VerifyPart(const Part& part);
  absl::StatusOr<uint64_t> CountStored(const Window& window);
  absl::StatusOr<uint64_t> CountListed(const Window& window, const std::vector<std::string>& ids);
  absl::Status CheckMentioned(const RegisteredExtract& report, const Window& window);
  Found FoundIn(const Window& window, uint64_t stored, uint64_t other) const;

  const VerifyTask& task_;
  const RegisteredExtract& extract_;
  const ExtractRegistry& extracts_;
  Store& store_;
  FigureAsker& asker_;
  v1::VerifyResult& result_;
  Findings findings_;
  std::string id_column_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_VERIFY_OBJECT_VERIFIER_H_
