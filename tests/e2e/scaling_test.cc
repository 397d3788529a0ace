// Autoscaling as KEDA sees it: real coordinators are asked by the contract's names and numbers, and what they say is
// done with real workers.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/process.h"
#include "externalscaler/externalscaler.grpc.pb.h"
#include "tests/support/postgres_server.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& socket) {
  return grpc::CreateChannel("unix:" + socket, grpc::InsecureChannelCredentials());
}

// One call by its name, with a request that somebody else has written; empty when it fails.
std::string Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::CompletionQueue queue;
  const grpc::Slice slice(request);
  grpc::ByteBuffer sent(&slice, 1), received;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, "/externalscaler.ExternalScaler/" + method, sent, &queue);
  call->StartCall();
  call->Finish(&received, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  EXPECT_TRUE(status.ok()) << method << ": " << status.error_message();
  std::vector<grpc::Slice> parts;
  if (!status.ok() || !received.Dump(&parts).ok()) return "";
  std::string bytes;
  for (const grpc::Slice& part : parts) bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
  return bytes;
}

// Field `number` of length `text.size()`, as the wire has it.
std::string Text(int number, const std::string& text) {
  return absl::StrCat(std::string(1, static_cast<char>(number << 3 | 2)),
                      std::string(1, static_cast<char>(text.size())), text);
}

class ScalingE2eTest : public testing::Test {
 protected:
  // As KEDA does, by a stub of the contract.
  int64_t Asked(const std::string& socket) {
    const auto stub = externalscaler::ExternalScaler::NewStub(ChannelTo(socket));
    grpc::ClientContext context;
    externalscaler::GetMetricsRequest request;
    request.set_metricname("s0-tikhaul_wanted_workers");
    externalscaler::GetMetricsResponse response;
    const grpc::Status status = stub->GetMetrics(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    if (response.metricvalues_size() != 1) return -1;
    EXPECT_EQ(response.metricvalues(0).metricvaluefloat(), response.metricvalues(0).metricvalue());
    return response.metricvalues(0).metricvalue();
  }
};

TEST_F(ScalingE2eTest, TheContractsNamesAndNumbersHold) {
  TestCluster cluster({.extracts = YamlOf({HoursOf(5)}), .slots = 16, .workers = 0});
  cluster.Start();
  const auto channel = ChannelTo(cluster.Path("c.sock"));
  const std::string one("\x00\x00\x00\x00\x00\x00\xf0\x3f", 8);  // 1.0
  const std::string name = "tikhaul_wanted_workers";
  // ScaledObjectRef: name 1, namespace 2, scalerMetadata 3 (a map: key 1, value 2).
  const std::string ref = Text(1, "worker") + Text(2, "prod") + Text(3, Text(1, "scalerAddress") + Text(2, "x:1"));
  EXPECT_EQ(Call(channel, "IsActive", ref), "") << "false is not written";
  EXPECT_EQ(Call(channel, "GetMetricSpec", ref), Text(1, Text(1, name) + "\x10\x01\x19" + one));
  cluster.Backfill();
  EXPECT_TRUE(Eventually([&] { return Call(channel, "IsActive", ref) == "\x08\x01"; }));
  // GetMetricsRequest: scaledObjectRef 1, metricName 2. MetricValue: metricName 1, metricValue 2, metricValueFloat 3.
  EXPECT_TRUE(Eventually([&] {
    return Call(channel, "GetMetrics", Text(1, ref) + Text(2, name)) == Text(1, Text(1, name) + "\x10\x01\x19" + one);
  })) << "fifteen chunks are for one worker of sixteen slots";
}

TEST_F(ScalingE2eTest, WorkersComeAndGoAsIsAskedAndNoChunkIsRestartedTwice) {
  const std::vector<Wanted> wanted = {HoursOf(80)};
  TestCluster cluster(
      {.extracts = YamlOf(wanted), .latency_ms = 200, .slots = 2, .workers = 1, .coordinator = "most_workers: 5"});
  cluster.Start();
  const auto stub = externalscaler::ExternalScaler::NewStub(ChannelTo(cluster.Path("c.sock")));
  grpc::ClientContext context;
  auto stream = stub->StreamIsActive(&context, externalscaler::ScaledObjectRef());
  externalscaler::IsActiveResponse active;
  ASSERT_TRUE(stream->Read(&active));
  EXPECT_FALSE(active.result());
  cluster.Backfill();
  ASSERT_TRUE(stream->Read(&active));
  EXPECT_TRUE(active.result());
  context.TryCancel();

  int workers = 1, most = 1;
  while (!cluster.GetStatus().idle()) {
    const int asked = static_cast<int>(Asked(cluster.Path("c.sock")));
    for (; workers < asked; ++workers) cluster.StartWorker(workers);
    most = std::max(most, workers);
    // Half of them are sent away while they work, as if less were wanted, and come back.
    if (workers == 5) {
      cluster.AwaitStatus("five workers", [](const v1::Status& status) { return status.workers_size() == 5; });
      for (const int gone : {1, 3}) cluster.Term(absl::StrCat("worker-", gone));
      for (const int back : {1, 3}) cluster.StartWorker(back);
      workers = 6;  // once
    }
    tikhaul::SleepFor(absl::Milliseconds(100));
  }
  EXPECT_GE(most, 5);
  EXPECT_THAT(cluster.Query("SELECT chunk, attempts FROM tikhaul_ledger WHERE attempts > 2"), IsEmpty());
  EXPECT_EQ(cluster.Stat("refused"), 0);
  ExpectEqualsTruth(cluster, wanted);
  EXPECT_THAT(cluster.Log("coordinator"), HasSubstr("wanted workers"));
}

// Behind one address for all of them.
TEST_F(ScalingE2eTest, ACoordinatorThatDoesNotLeadAnswersWithTheLeadsFigure) {
  TestCluster cluster({.extracts = YamlOf({HoursOf(20)}),
                       .latency_ms = 300,
                       .workers = 0,
                       .coordinators = 2,
                       .postgres = PostgresServer::Shared().Url(),
                       .schema = PostgresServer::NewSchema()});
  cluster.Start();
  cluster.Backfill();
  cluster.StartWorker(0);
  const bool first_leads = cluster.Lead() == "coordinator";
  const std::string lead = cluster.Path(first_leads ? "c.sock" : "c1.sock");
  const std::string other = cluster.Path(first_leads ? "c1.sock" : "c.sock");
  EXPECT_TRUE(Eventually([&] { return Asked(lead) > 0; }));
  EXPECT_TRUE(Eventually([&] { return Asked(other) == Asked(lead); }));
  // While nobody leads, the last figure stands.
  const int64_t before = Asked(other);
  cluster.Kill9(first_leads ? "coordinator" : "coordinator-1");
  EXPECT_GT(before, 0);
  EXPECT_GT(Asked(other), 0);
}

}  // namespace
}  // namespace tikhaul
