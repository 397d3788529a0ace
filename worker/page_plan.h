// Which pages of a chunk are to be asked for, and whether what came back adds up (tiktok-api.md 3.2).
#ifndef TIKHAUL_WORKER_PAGE_PLAN_H_
#define TIKHAUL_WORKER_PAGE_PLAN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tikhaul/v1/ingest.pb.h"
#include "worker/row_decoder.h"

namespace tikhaul {

// One page of one request of the plan; pages count from 1. Requests that are not paged have page 1 only.
struct PageRef {
  size_t request = 0;
  int64_t page = 1;
  friend auto operator<=>(const PageRef&, const PageRef&) = default;
};

// Bookkeeping only: no I/O, no threads. First pages of all requests come first, since they tell how many more there
// are; the others may be asked for in any number at once. Reading is not a snapshot, so every page is held against the
// first: a changed total, a page that is not full, or rows that do not add up mean that the rows moved meanwhile.
class PagePlan {
 public:
  explicit PagePlan(const v1::ReadPlan& plan);

  // The next page to ask for; nothing when all are asked for, or the first pages must come back before.
  std::optional<PageRef> Next();
  // Page `ref`, asked for by Next(), has come. ABORTED: the rows moved while they were read; DATA_LOSS: the answer
  // lacks page_info or contradicts itself.
  absl::Status Arrived(const PageRef& ref, const std::string& request_id, const DecodedPage& page);
  // All pages have come and add up.
  bool Done() const { return open_requests_ == 0; }

  // The call for a page, without token.
  std::vector<std::pair<std::string, std::string>> ParamsOf(const PageRef& ref) const;
  const std::string& PathOf(const PageRef& ref) const { return plan_.requests(static_cast<int>(ref.request)).path(); }

  uint64_t pages() const { return pages_; }
  uint64_t rows() const { return rows_; }
  // total_number over the requests that have told it; rows where the endpoint does not page.
  uint64_t promised_rows() const { return promised_rows_; }
  // Of the first 100 pages.
  std::vector<std::string> RequestIds() const;

 private:
  struct Request {
    int64_t page_size = 0;
    std::optional<PageInfo> first;  // page_info of page 1
    int64_t last_page = 1;          // known once `first` is
    int64_t next_page = 1;
    int64_t arrived = 0;
    int64_t rows = 0;
    bool done = false;
  };
  absl::Status CheckPage(Request& request, const PageRef& ref, const DecodedPage& page);
  absl::Status TakeFirst(Request& request, const PageInfo& info);
  absl::Status Close(Request& request);

  const v1::ReadPlan plan_;
  std::vector<Request> requests_;
  size_t open_requests_ = 0;
  uint64_t pages_ = 0, rows_ = 0, promised_rows_ = 0;
  std::map<PageRef, std::string> request_ids_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_PAGE_PLAN_H_
