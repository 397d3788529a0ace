// One Extract stream between a simulated worker and a coordinator's shipped session. In order and without loss, as gRPC
// is, until it breaks; in some worlds messages are mangled all the same, since a coordinator must not trust a worker.
#ifndef TIKHAUL_TESTS_SIMULATION_SIM_STREAM_H_
#define TIKHAUL_TESTS_SIMULATION_SIM_STREAM_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "coordinator/ingest/extract_session.h"
#include "tests/simulation/world.h"

namespace tikhaul {

class SimCoordinator;
class Auditor;

class SimStream final : public WorkerStream, public std::enable_shared_from_this<SimStream> {
 public:
  struct WorkerEnd {
    std::function<void(std::shared_ptr<const v1::ExtractResponse>)> response;
    std::function<void()> closed;  // by the other side, or broken
  };

  // `worker` is called as its process.
  SimStream(World& world, Auditor& auditor, Process& worker_process, WorkerEnd worker, SimCoordinator& coordinator,
            ChunkId chunk);

  // --- the worker's end ---
  void Send(v1::ExtractRequest request);
  // The worker is gone, or done with it.
  void CloseFromWorker();

  // --- the coordinator's end ---
  bool Write(const v1::ExtractResponse& response) override;
  void Cancel() override;
  bool IsCancelled() const override { return cancelled_ || no_more_; }
  // The coordinator's process is gone.
  void Bury();

  // The network between them breaks; each side notices in its own time.
  void Break();
  ChunkId chunk() const { return chunk_; }
  bool publishing() const { return publishing_; }

 private:
  void Arrive(const v1::ExtractRequest& request);
  void NoMore();
  void Pump();
  ExtractSession::Next Handle(v1::ExtractRequest& request);
  void TellWorker(absl::Duration delay, std::function<void()> what);
  void BlameOnce();

  World& world_;
  Auditor& auditor_;
  Process& worker_process_;
  const uint64_t worker_incarnation_;
  const WorkerEnd worker_;
  SimCoordinator& coordinator_;
  const uint64_t coordinator_incarnation_;
  const ChunkId chunk_;

  std::unique_ptr<ExtractSession> session_;
  std::optional<std::pair<ChunkId, uint64_t>> granted_;
  std::deque<v1::ExtractRequest> inbox_;
  absl::Duration up_at_, down_at_;  // when the last message in each direction arrives
  bool broken_ = false;             // nothing gets through
  bool busy_ = false;               // the session's thread is inside it
  bool no_more_ = false, cancelled_ = false, done_ = false;
  bool publishing_ = false, blamed_ = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SIM_STREAM_H_
