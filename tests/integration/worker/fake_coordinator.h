// A coordinator for tests of the worker: grants the chunks it was given, keeps what arrives, does as it is told.
#ifndef TIKHAUL_TESTS_INTEGRATION_WORKER_FAKE_COORDINATOR_H_
#define TIKHAUL_TESTS_INTEGRATION_WORKER_FAKE_COORDINATOR_H_

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "tikhaul/v1/ingest.grpc.pb.h"

namespace tikhaul {

// What happened to one chunk.
struct ChunkRecord {
  int claims = 0;
  uint64_t rows = 0;
  uint64_t last_sequence = 0;
  bool in_sequence = true;
  uint64_t most_batch_bytes = 0;
  int progress = 0;
  bool waited_for_quota = false;
  std::optional<v1::Finish> finish;
  std::optional<v1::Fail> fail;
  std::optional<v1::Release> release;
  bool broken = false;  // the stream ended without one of the three
};

// Thread-safe. Listens on a Unix socket at `path`; its hints are those of `instance`.
class FakeCoordinator : public v1::Ingest::Service {
 public:
  FakeCoordinator(std::string path, std::string instance);
  ~FakeCoordinator() override { Stop(); }

  void Start();
  void Stop();  // ends all streams
  std::string address() const { return "unix:" + path_; }

  // From now on chunk `id` is granted with this plan.
  void AddChunk(int64_t id, v1::ReadPlan plan);
  void Refuse(int64_t id, v1::Refused::Reason reason);
  // Credit of a grant. A worker that has used it up gets more when GiveCredit() is called.
  void SetCredit(int64_t bytes);
  void GiveCredit(int64_t chunk, int64_t bytes);
  void Revoke(int64_t chunk);
  ChunkRecord record(int64_t chunk) const;
  int hellos() const;

  grpc::Status Hello(grpc::ServerContext*, const v1::HelloRequest*, v1::HelloResponse* response) override;
  grpc::Status Extract(grpc::ServerContext* context,
                       grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>* stream) override;

 private:
  using Stream = grpc::ServerReaderWriter<v1::ExtractResponse, v1::ExtractRequest>;
  bool Grant(Stream* stream, int64_t chunk);
  // False: the chunk has ended.
  bool Take(Stream* stream, int64_t chunk, const v1::ExtractRequest& message);
  void Send(int64_t chunk, const v1::ExtractResponse& message);

  const std::string path_;
  const std::string instance_;
  std::unique_ptr<grpc::Server> server_;
  mutable Mutex mu_;
  int hellos_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t credit_ ABSL_GUARDED_BY(mu_) = 64 << 20;
  std::map<int64_t, v1::ReadPlan> plans_ ABSL_GUARDED_BY(mu_);
  std::map<int64_t, v1::Refused::Reason> refusals_ ABSL_GUARDED_BY(mu_);
  std::map<int64_t, ChunkRecord> records_ ABSL_GUARDED_BY(mu_);
  std::map<int64_t, Stream*> streams_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_WORKER_FAKE_COORDINATOR_H_
