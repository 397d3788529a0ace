// Reads the rows of one chunk from the API, by whatever road.
#ifndef TIKHAUL_WORKER_CHUNK_READER_H_
#define TIKHAUL_WORKER_CHUNK_READER_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "common/model/row_batch.h"
#include "common/tiktok/client.h"
#include "tikhaul/v1/ingest.pb.h"
#include "worker/chunk_inbox.h"
#include "worker/memory_budget.h"

namespace tikhaul {

// Rows on their way to the coordinator, and the memory they are booked with.
struct ReadyBatch {
  RowBatch rows;
  MemoryBudget::Lease lease;
  uint32_t group = 0;  // column group
};

// Used by the chunk's thread: Advance() after every event and whenever NextAdvance() has passed, Accept() for each page
// that came. A fault ends the chunk.
class ChunkReader {
 public:
  virtual ~ChunkReader() = default;
  // Asks for what may be asked now. Rows go behind `batches`, whose length tells how far the sender is.
  virtual std::optional<ApiFault> Advance(std::deque<ReadyBatch>* batches) = 0;
  // From now; infinite: only after an event.
  virtual absl::Duration NextAdvance() const { return absl::InfiniteDuration(); }
  virtual std::optional<ApiFault> Accept(ArrivedPage page, std::deque<ReadyBatch>* batches) = 0;
  // Cancels what is under way and waits until it has ended (at once: the transport does not wait for answers).
  virtual void Abandon() = 0;

  // Everything is read, though perhaps not sent.
  virtual bool Done() const = 0;
  // Of rows.
  virtual uint64_t pages() const = 0;
  // Requests that left for it, repeats included; those under way are counted when they end.
  virtual uint64_t calls() const = 0;
  // What those calls took together (ApiTransport::Result).
  virtual absl::Duration call_time() const = 0;
  // Something is asked for and none of it has left.
  virtual bool WaitsForQuota() const = 0;
  // The API is making an asynchronous report.
  virtual bool WaitsForTask() const { return false; }
  // The proof of what was read, and what was odd about it.
  virtual void Describe(v1::Finish* finish) const = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_CHUNK_READER_H_
