// Which pages of a chunk are to be asked for, and whether what came back adds up (tiktok-api.md 3.2).
#ifndef TIKHAUL_WORKER_PAGE_PLAN_H_
#define TIKHAUL_WORKER_PAGE_PLAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tikhaul/v1/ingest.pb.h"
#include "worker/row_decoder.h"

namespace tikhaul {

// One page of one request; pages count from 1. Requests that are not paged have page 1 only. Requests of the plan come
// first, then those that Narrow() makes.
struct PageRef {
  size_t request = 0;
  int64_t page = 1;
  friend auto operator<=>(const PageRef&,
                          const PageRef&) = default;  // NOLINT(modernize-use-nullptr): clang-tidy's error
};

// Bookkeeping only: no I/O, no threads. First pages of all requests come first, since they tell how many more there
// are; the others may be asked for in any number at once. Reading is not a snapshot, so every page is held against the
// first: a changed total, a page that is not full, or rows that do not add up mean that the rows moved meanwhile.
//
// A request that cannot be answered whole is narrowed by ids (ReadPlan.listings): first the ids are listed, then as
// many of them as the listing advises make a request; what is still too much is halved down to one id, and then
// narrowed by the finer objects below that one.
//
// Column groups (ReadPlan.groups) are requests of their own; each must promise and bring as many rows as the others.
class PagePlan {
 public:
  explicit PagePlan(const v1::ReadPlan& plan);

  // The next page to ask for; nothing when all are asked for, or the first pages must come back before.
  std::optional<PageRef> Next();
  // The listing whose ids the page holds; -1: it holds rows.
  int ListingOf(const PageRef& ref) const { return requests_[ref.request].listing; }
  // The column group of its rows.
  uint32_t GroupOf(const PageRef& ref) const { return requests_[ref.request].call.group(); }
  // Page `ref`, asked for by Next(), has come; ids when it is a listing's. ABORTED: the rows moved while they were
  // read; DATA_LOSS: the answer lacks page_info or contradicts itself.
  absl::Status Arrived(const PageRef& ref, const std::string& request_id, const DecodedPage& page);
  absl::Status ArrivedIds(const PageRef& ref, const DecodedPage& page, const std::vector<std::string>& ids);
  // Page `ref` is not whole, and is thrown away: its request gives way to narrower ones, which must bring `least_rows`
  // together (what the page promised; 0: it did not say). False: rows of the request have been taken already, or
  // nothing is left to narrow it by.
  bool Narrow(const PageRef& ref, int64_t least_rows);
  // All pages have come and add up.
  bool Done() const { return open_requests_ == 0; }

  // The call for a page, without token.
  std::vector<std::pair<std::string, std::string>> ParamsOf(const PageRef& ref) const;
  const std::string& PathOf(const PageRef& ref) const { return requests_[ref.request].call.path(); }

  // Of rows, as are the next three; of all groups.
  uint64_t pages() const { return pages_; }
  // Of one group, as is the next.
  uint64_t rows() const { return of_groups_[0].rows; }
  // total_number over the requests that have told it, as far as paging reaches (ReadPlan.reach); rows where the
  // endpoint does not page.
  uint64_t promised_rows() const { return of_groups_[0].promised; }
  // Of the first 100 pages.
  std::vector<std::string> RequestIds() const;
  // Of the sizes in which ids of the first listing were asked for, the one that served most ids; 0: nothing was
  // narrowed.
  uint32_t slice_ids() const;

 private:
  // Ids of a listing that a request of rows is narrowed by. `size` is what the slice was cut for; the last is smaller.
  struct Slice {
    int listing = 0;
    uint32_t size = 0;
    std::vector<std::string> ids;
  };
  // Ids that are listed, and the requests that wait to be narrowed by them: one of each group, at most.
  struct Narrowing {
    size_t open = 0;  // requests of the listing that are not done
    std::set<std::string> ids;
    struct Waiting {
      v1::ApiRequest call;
      uint32_t size = 0;
    };
    std::vector<Waiting> waiting;
  };
  struct Request {
    v1::ApiRequest call;
    std::optional<Slice> slice;
    int listing = -1;
    std::shared_ptr<Narrowing> narrowing;  // of a listing
    int64_t page_size = 0;
    std::optional<PageInfo> first;  // page_info of page 1
    int64_t wanted = 0;             // the rows it promised, as far as paging reaches; known once `first` is
    int64_t last_page = 1;          // known once `first` is
    int64_t next_page = 1;
    int64_t arrived = 0;
    int64_t rows = 0;
    bool done = false;
  };
  struct OfGroup {
    uint64_t rows = 0, promised = 0;
    uint64_t least = 0;  // promised by answers that were not whole
  };
  void Add(Request request);
  void AddSlice(const v1::ApiRequest& call, Slice slice);
  // `parent`: the one object whose children are listed; nullptr: all.
  void List(const v1::ApiRequest& call, int listing, uint32_t size, const Slice* parent);
  void CutSlices(const std::set<std::string>& ids, const Narrowing::Waiting& waiting, int listing);
  absl::Status CheckPage(Request& request, const PageRef& ref, const DecodedPage& page);
  absl::Status TakeFirst(Request& request, const PageInfo& info);
  // First totals of one thing asked for in several groups must agree: no need to read on when they do not.
  absl::Status CheckFirstTotals(size_t request) const;
  absl::Status Close(Request& request);
  // Objects that no listing names would be missing without a sign, and so would rows that one group lacks.
  absl::Status CheckWhole() const;

  const v1::ReadPlan plan_;
  std::vector<Request> requests_;
  size_t open_requests_ = 0;
  uint64_t pages_ = 0;
  std::vector<OfGroup> of_groups_;
  // By listing and the one object whose children are listed ("": all).
  std::map<std::pair<int, std::string>, std::shared_ptr<Narrowing>> narrowings_;
  std::map<uint32_t, size_t> served_;  // ids of the first listing by the size of their slice
  std::map<PageRef, std::string> request_ids_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_PAGE_PLAN_H_
