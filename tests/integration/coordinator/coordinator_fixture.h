// A coordinator in this process, with a real Redis and a real store, and no API: the one advertiser is in the store
// already.
#ifndef TIKHAUL_TESTS_INTEGRATION_COORDINATOR_COORDINATOR_FIXTURE_H_
#define TIKHAUL_TESTS_INTEGRATION_COORDINATOR_COORDINATOR_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/queue/hint_queue.h"
#include "coordinator/coordinator.h"
#include "tests/integration/coordinator/fake_worker.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/sql.h"
#include "tikhaul/v1/admin.grpc.pb.h"

namespace tikhaul {

class CoordinatorTest : public testing::Test {
 protected:
  static constexpr char kAdvertiser[] = "7001000000000000001";  // days in UTC, made on 2025-01-01
  static constexpr char kReports[] = "report/integrated/get/";  // the endpoint of ads_daily

  CoordinatorTest();
  ~CoordinatorTest() override;

  // Also with what a test has put into `adjust_config_`.
  void StartCoordinator();
  void StopCoordinator() { coordinator_.reset(); }
  v1::Config MakeConfig() const;

  v1::Ingest::Stub& ingest() { return *ingest_; }
  v1::Admin::Stub& admin() { return *admin_; }

  // Runs one admin call: Ask(&v1::Admin::Stub::Backfill, request, &response).
  template <typename Request, typename Response>
  grpc::Status Ask(grpc::Status (v1::Admin::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(25));
    return (admin().*call)(&context, request, response);
  }
  v1::BackfillResponse Backfill(const std::string& first, const std::string& last);
  v1::Status GetStatus();
  v1::Run OnlyRun();
  void Pause(const std::string& scope, const std::string& name);
  void Resume(const std::string& scope, const std::string& name);

  // Chunk ids that the queue hints at within `wait`; their hints are spent.
  std::vector<ChunkId> PopHints(absl::Duration wait = absl::Seconds(3));
  // The first hint that comes; 0 and a failure when none does in 10 s.
  ChunkId PopHint();

  SqlRows Query(const std::string& sql) const { return QueryFile(store_path(), sql); }
  std::string store_path() const { return folder_.Path("store.db"); }
  // Columns of tikhaul_chunk, as text.
  std::map<std::string, std::string> ChunkRow(ChunkId chunk) const;
  // Waits until the column has the value.
  testing::AssertionResult ChunkBecomes(ChunkId chunk, const std::string& column, const std::string& value) const;

  ScratchFolder folder_;
  RedisServer redis_;
  std::unique_ptr<Coordinator> coordinator_;
  std::function<void(v1::Config&)> adjust_config_ = [](v1::Config&) {};

 private:
  std::unique_ptr<v1::Ingest::Stub> ingest_;
  std::unique_ptr<v1::Admin::Stub> admin_;
  std::unique_ptr<HintConsumer> hints_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_INTEGRATION_COORDINATOR_COORDINATOR_FIXTURE_H_
