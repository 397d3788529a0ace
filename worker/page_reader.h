// Reads the pages of one chunk: asks for them within the window and the memory budget, decodes them as they come.
#ifndef TIKHAUL_WORKER_PAGE_READER_H_
#define TIKHAUL_WORKER_PAGE_READER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "common/base/secret.h"
#include "common/model/row_batch.h"
#include "common/tiktok/client.h"
#include "tikhaul/v1/ingest.pb.h"
#include "worker/chunk_inbox.h"
#include "worker/chunk_reader.h"
#include "worker/memory_budget.h"
#include "worker/page_plan.h"
#include "worker/page_source.h"
#include "worker/row_decoder.h"

namespace tikhaul {

// Used by the chunk's thread. All references are borrowed and must outlive the reader; pages arrive in `inbox`.
class PageReader : public ChunkReader {
 public:
  // `decoders`: one per column group. `window`: most pages asked for at once.
  PageReader(const v1::ReadPlan& plan, Secret token, std::vector<RowDecoder> decoders, PageSource& source,
             MemoryBudget& budget, ChunkInbox& inbox, uint32_t window);
  ~PageReader() override;  // Abandon()
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  // Asks for as many pages as may be.
  void Ask();
  std::optional<ApiFault> Advance(std::deque<ReadyBatch>* /*batches*/) override {
    Ask();
    return std::nullopt;
  }
  // Decodes a page that came into `batches`, or narrows its request when it is not whole.
  std::optional<ApiFault> Accept(ArrivedPage page, std::deque<ReadyBatch>* batches) override;
  void Abandon() override;
  const PagePlan& plan() const { return pages_; }
  bool Done() const override { return pages_.Done(); }
  uint64_t pages() const override { return pages_.pages(); }
  uint64_t calls() const override { return calls_; }
  absl::Duration call_time() const override { return call_time_; }
  bool WaitsForQuota() const override;
  void Describe(v1::Finish* finish) const override;
  // Rows of several groups are the same rows: the group that has most of a name counts.
  FieldCounts unknown_fields() const { return MostOf(unknown_fields_); }
  FieldCounts unparsed_values() const { return MostOf(unparsed_values_); }

 private:
  struct Asked {
    uint64_t id = 0;
    MemoryBudget::Lease lease;
  };
  ApiCall CallOf(const PageRef& ref) const;
  std::optional<ApiFault> Decode(const PageRef& ref, ApiAnswer answer, std::deque<ReadyBatch>* batches);
  absl::Status TakeRows(const PageRef& ref, ApiAnswer& answer, std::deque<ReadyBatch>* batches);
  absl::Status TakeIds(const PageRef& ref, ApiAnswer& answer);
  std::optional<ApiFault> NarrowTruncated(const PageRef& ref, ApiAnswer& answer);
  absl::StatusOr<RowDecoder*> ListingDecoder(int listing);
  static FieldCounts MostOf(const std::vector<FieldCounts>& of_groups);

  const bool narrows_too_big_;
  const std::string connection_;
  const bool increment_;
  const std::vector<std::string> id_members_;  // of the listings
  PagePlan pages_;
  const Secret token_;
  std::vector<RowDecoder> decoders_;
  std::map<int, RowDecoder> listing_decoders_;
  PageSource& source_;
  MemoryBudget& budget_;
  ChunkInbox& inbox_;
  const uint32_t window_;
  std::optional<PageRef> next_;  // next page to ask for, when it had to wait for memory
  uint64_t expected_bytes_;      // what a page is thought to hold
  std::map<PageRef, Asked> asked_;
  uint64_t calls_ = 0;
  absl::Duration call_time_;
  std::vector<FieldCounts> unknown_fields_, unparsed_values_;  // of each group
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_PAGE_READER_H_
