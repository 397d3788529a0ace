// What happens to a chunk while its thread is busy or waits: pages, answers of the coordinator, orders of the process.
#ifndef TIKHAUL_WORKER_CHUNK_INBOX_H_
#define TIKHAUL_WORKER_CHUNK_INBOX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/tiktok/client.h"
#include "tikhaul/v1/ingest.pb.h"
#include "worker/page_plan.h"

namespace tikhaul {

// How the coordinator's side of the stream ended.
enum class StreamEnd { kCommitted, kRevoked, kBroken };

struct ArrivedPage {
  PageRef ref;
  ApiTransport::Result result;
};

// All that came since the last look, and what holds on.
struct ChunkEvents {
  std::vector<ArrivedPage> pages;
  int64_t credit_bytes = 0;
  std::optional<v1::Granted> granted;
  std::optional<v1::Refused> refused;
  // From here on: stays once it is so.
  std::optional<StreamEnd> end;
  std::string end_reason;
  bool release = false;  // the process is stopping
};

// Thread-safe.
class ChunkInbox {
 public:
  void AddPage(PageRef ref, ApiTransport::Result result);
  // Takes a message of the coordinator over.
  void AddMessage(v1::ExtractResponse message);
  // The stream has ended; an end that was announced before stays.
  void AddStreamEnd(std::string reason);
  void RequestRelease();
  // For another stream, after the end of one; an order to release stays.
  void Renew();
  // Ends one Wait() early, without an event.
  void Poke();

  // What came, as soon as there is something, else nothing new after `timeout`.
  ChunkEvents Wait(absl::Duration timeout);
  // Waits for the end of the stream; false when `timeout` passed before.
  bool WaitForEnd(absl::Duration timeout);
  bool ended() const;

 private:
  void End(StreamEnd end, std::string reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  CondVar changed_;
  ChunkEvents events_ ABSL_GUARDED_BY(mu_);
  bool news_ ABSL_GUARDED_BY(mu_) = false;
  bool stream_over_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_CHUNK_INBOX_H_
