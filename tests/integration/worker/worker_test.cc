#include "worker/worker.h"

#include <httplib.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "common/base/process.h"
#include "common/queue/hint_queue.h"
#include "common/quota/limiter.h"
#include "common/quota/settings/quota_limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/tiktok/loopback_api.h"
#include "tests/integration/worker/fake_coordinator.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/unit/worker/plans.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr int kPageSize = 100;
constexpr char kOpenApp[] = "open-app";
constexpr char kJson[] = "application/json";

// A temporary directory that goes away with the object.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/tikhaul-worker-test-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Serves reports: the advertiser_id parameter is the number of rows; "slow" answers wait until the test lets them go.
class ReportApi {
 public:
  ReportApi()
      : api_([this](const httplib::Request& request, httplib::Response& response) { Serve(request, response); }) {}
  ~ReportApi() { hold_ = false; }

  std::string base_url() const { return api_.base_url(); }
  int requests() const { return api_.requests(); }
  int waiting() const { return waiting_; }
  void Hold(bool hold) { hold_ = hold; }
  void FailWith(std::string body) {
    MutexLock lock(mu_);
    failure_ = std::move(body);
  }

 private:
  void Serve(const httplib::Request& request, httplib::Response& response) {
    ++waiting_;
    Eventually([this] { return !hold_; }, absl::Seconds(30));
    --waiting_;
    MutexLock lock(mu_);
    int rows = 0, page = 0;
    const bool understood = absl::SimpleAtoi(request.get_param_value("advertiser_id"), &rows) &&
                            absl::SimpleAtoi(request.get_param_value("page"), &page);
    const int here = std::min(kPageSize, rows - (page - 1) * kPageSize);
    std::string body = !understood ? Envelope(40000, "what?") : ReportPage(page, kPageSize, rows, std::max(0, here));
    if (!failure_.empty()) body = failure_;
    response.set_content(body, kJson);
  }

  std::atomic<bool> hold_ = false;
  std::atomic<int> waiting_ = 0;
  Mutex mu_;
  std::string failure_ ABSL_GUARDED_BY(mu_);
  LoopbackApi api_;
};

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest()
      : instance_(RandomId()),
        app_(RandomId()),
        coordinator_(folder_ / "coordinator.sock", instance_),
        publisher_({.url = Redis().url()}, instance_) {
    EXPECT_TRUE(WriteFileAtomically(folder_ / "token", "token-of-main\n").ok());
    config_.mutable_app()->set_id(kOpenApp);
    v1::Connection* connection = config_.add_connections();
    connection->set_name("main");
    connection->set_token_file(folder_ / "token");
    config_.set_redis(Redis().url());
    config_.mutable_api()->set_base_url(api_.base_url());
    *config_.mutable_quota() = QuotaOfTests();
    config_.mutable_worker()->set_slots(2);
    config_.mutable_worker()->set_http("127.0.0.1:0");
    config_.mutable_worker()->set_pages_in_flight(4);
    config_.mutable_worker()->set_memory_bytes(32 << 20);
  }

  // One server for all tests, and one app whose quota is open: opening takes a second, in which nothing is granted.
  static RedisServer& Redis() { return *redis_; }
  static v1::Quota QuotaOfTests() {
    v1::Quota quota;
    quota.set_per_second(1000);
    quota.set_per_minute(60'000);
    quota.set_per_day(1'000'000);
    quota.set_guard_ms(300);  // a busy machine must not make tokens late
    return quota;
  }
  // Opens the quota of an app, as a coordinator does.
  static void OpenQuota(const std::string& app) {
    v1::Config config;
    *config.mutable_quota() = QuotaOfTests();
    QuotaScripts quota({.url = Redis().url()}, app, LimitsOf(config));
    const absl::Status status = quota.Seed({});
    ASSERT_TRUE(status.ok()) << status;
  }
  static void SetUpTestSuite() {
    redis_ = new RedisServer;
    OpenQuota(kOpenApp);
  }
  static void TearDownTestSuite() {
    delete redis_;
    redis_ = nullptr;
  }

  v1::ReadPlan PlanOf(int rows) {
    v1::ReadPlan plan = ReportPlan();
    plan.mutable_requests(0)->set_page_size(kPageSize);
    v1::ApiParam* param = plan.mutable_requests(0)->add_params();
    param->set_name("advertiser_id");
    param->set_value(absl::StrCat(rows));
    return plan;
  }
  void Push(const std::vector<ChunkId>& chunks) {
    const absl::Status status = publisher_.Push(HintOrder::kUsual, chunks);
    ASSERT_TRUE(status.ok()) << status;
  }
  std::unique_ptr<Worker> StartWorker() {
    WorkerOptions options;
    options.config = config_;
    options.coordinators = {coordinator_.address()};
    options.name = "w1";
    absl::StatusOr<std::unique_ptr<Worker>> worker = Worker::Make(options, clock_);
    EXPECT_TRUE(worker.ok()) << worker.status();
    EXPECT_TRUE((*worker)->Start().ok());
    return *std::move(worker);
  }
  // The value of a metric without labels, as it is served.
  static double Figure(const Worker& worker, const std::string& name) {
    const httplib::Result answer = httplib::Client("127.0.0.1", worker.http_port()).Get("/metrics");
    const size_t at = answer ? answer->body.find(absl::StrCat("\n", name, " ")) : std::string::npos;
    if (at == std::string::npos) return -1;
    return std::stod(answer->body.substr(at + name.size() + 2));
  }
  bool HintsAreSpent() {
    return Eventually([this] {
      const absl::StatusOr<uint64_t> depth = publisher_.Depth();
      return depth.ok() && *depth == 0;
    });
  }

  static inline RedisServer* redis_ = nullptr;

  SystemClock clock_;
  const std::string instance_, app_;
  Folder folder_;
  ReportApi api_;
  v1::Config config_;
  FakeCoordinator coordinator_;
  HintPublisher publisher_;
};

TEST_F(WorkerTest, ReadsChunksAndSpendsTheirHints) {
  coordinator_.AddChunk(1, PlanOf(950));
  coordinator_.AddChunk(2, PlanOf(0));
  coordinator_.AddChunk(3, PlanOf(100));
  Push({1, 2, 3, 4});  // 4 is unknown
  const auto worker = StartWorker();
  for (const int64_t chunk : {1, 2, 3}) {
    ASSERT_TRUE(Eventually([&] { return coordinator_.record(chunk).finish.has_value(); })) << chunk;
  }
  const ChunkRecord record = coordinator_.record(1);
  EXPECT_EQ(record.claims, 1);
  EXPECT_EQ(record.rows, 950u);
  EXPECT_TRUE(record.in_sequence);
  EXPECT_EQ(record.finish->last_sequence(), record.last_sequence);
  EXPECT_EQ(record.finish->rows(), 950u);
  EXPECT_EQ(record.finish->promised_rows(), 950u);
  EXPECT_EQ(record.finish->pages(), 10u);
  EXPECT_EQ(record.finish->calls(), 10u);
  EXPECT_EQ(record.finish->request_ids_size(), 10);
  EXPECT_EQ(coordinator_.record(2).finish->pages(), 1u);
  EXPECT_EQ(coordinator_.record(2).finish->last_sequence(), 0u);
  EXPECT_TRUE(HintsAreSpent());
  EXPECT_EQ(coordinator_.record(4).claims, 1);
}

TEST_F(WorkerTest, ReportsUnknownFieldsAndUnparsedValues) {
  api_.FailWith(AnswerOf(R"({"page_info":{"page":1,"page_size":100,"total_number":1,"total_page":1},"list":[
      {"dimensions":{"ad_id":"1","stat_time_day":"2026-01-01"},"metrics":{"clicks":"<5","shiny":"new"}}]})"));
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).finish.has_value(); }));
  EXPECT_THAT(coordinator_.record(1).finish->unknown_fields(), UnorderedElementsAre(Pair("shiny", 1)));
  EXPECT_THAT(coordinator_.record(1).finish->unparsed_values(), UnorderedElementsAre(Pair("clicks", 1)));
}

TEST_F(WorkerTest, SendsNoMoreThanItsCredit) {
  coordinator_.SetCredit(1);  // enough for one batch: it may be sent while the balance is above zero
  coordinator_.AddChunk(1, PlanOf(500));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).last_sequence == 1; }));
  // The worker shows that it lives while it may not send.
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).progress >= 1; }));
  EXPECT_EQ(coordinator_.record(1).last_sequence, 1u);
  EXPECT_EQ(Figure(*worker, "tikhaul_worker_credit_stalls_total"), 1);
  EXPECT_EQ(Figure(*worker, "tikhaul_worker_slots_busy"), 1);
  EXPECT_GT(Figure(*worker, "tikhaul_worker_memory_used_bytes"), 0);
  coordinator_.GiveCredit(1, 64 << 20);
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).finish.has_value(); }));
  EXPECT_EQ(coordinator_.record(1).rows, 500u);
  EXPECT_EQ(Figure(*worker, "tikhaul_worker_credit_stalls_total"), 1);
  EXPECT_GT(Figure(*worker, "tikhaul_worker_credit_stall_seconds_total"), 0.5);  // it showed that it lives meanwhile
}

TEST_F(WorkerTest, FaultsOfTheApiFailTheChunkWithTheExchange) {
  api_.FailWith(Envelope(40001, "No permission"));
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).fail.has_value(); }));
  const v1::Fail fail = *coordinator_.record(1).fail;
  EXPECT_EQ(fail.failure_class(), v1::FAILURE_CLASS_PERMISSION);
  EXPECT_EQ(fail.code(), 40001);
  EXPECT_EQ(fail.http_status(), 200);
  EXPECT_EQ(fail.request_id(), "20260101ABC");
  EXPECT_EQ(fail.calls(), 1u);
  EXPECT_THAT(fail.exchange(), HasSubstr("GET report/integrated/get/?report_type=BASIC&advertiser_id=1&page=1"));
  EXPECT_FALSE(absl::StrContains(fail.exchange(), "token-of-main"));
  EXPECT_TRUE(HintsAreSpent());
}

TEST_F(WorkerTest, MissingTokenIsACredentialsFault) {
  std::filesystem::remove(folder_ / "token");
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).fail.has_value(); }));
  EXPECT_EQ(coordinator_.record(1).fail->failure_class(), v1::FAILURE_CLASS_AUTH);
  EXPECT_THAT(coordinator_.record(1).fail->message(), HasSubstr(folder_ / "token"));
  // A file that is put right is seen by the next chunk.
  ASSERT_TRUE(WriteFileAtomically(folder_ / "token", "token-of-main").ok());
  coordinator_.AddChunk(2, PlanOf(1));
  Push({2});
  EXPECT_TRUE(Eventually([&] { return coordinator_.record(2).finish.has_value(); }));
}

TEST_F(WorkerTest, RevokedChunkStopsAtOnce) {
  api_.Hold(true);
  coordinator_.AddChunk(1, PlanOf(1000));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return api_.waiting() == 1; }));
  coordinator_.Revoke(1);
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).broken; }));
  api_.Hold(false);
  // The slot is free again, and nothing more was asked for the revoked chunk.
  coordinator_.AddChunk(2, PlanOf(0));
  Push({2});
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(2).finish.has_value(); }));
  EXPECT_EQ(api_.requests(), 2);
}

TEST_F(WorkerTest, WaitsForAQuotaThatIsClosedAndSaysSo) {
  config_.mutable_app()->set_id(app_);
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).waited_for_quota; }));
  EXPECT_EQ(api_.requests(), 0);
  OpenQuota(app_);
  EXPECT_TRUE(Eventually([&] { return coordinator_.record(1).finish.has_value(); }));
}

TEST_F(WorkerTest, StopLetsChunksFinishThatCan) {
  api_.Hold(true);
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return api_.waiting() == 1; }));
  std::thread stopping([&] { EXPECT_TRUE(worker->Stop(absl::Seconds(20))); });
  api_.Hold(false);
  stopping.join();
  EXPECT_TRUE(coordinator_.record(1).finish.has_value());
}

TEST_F(WorkerTest, StopGivesTheOthersBack) {
  api_.Hold(true);
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return api_.waiting() == 1; }));
  EXPECT_TRUE(worker->Stop(absl::Milliseconds(50), absl::Seconds(10)));
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).release.has_value(); }));
  EXPECT_EQ(coordinator_.record(1).release->calls(), 1u);
}

TEST_F(WorkerTest, SurvivesARestartOfTheCoordinator) {
  api_.Hold(true);
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return api_.waiting() == 1; }));
  coordinator_.Stop();
  api_.Hold(false);
  Push({1});  // popped while nobody answers: the worker finds out that it must say Hello again
  ASSERT_TRUE(Eventually([&] { return !worker->linked(); }));
  coordinator_.Start();
  ASSERT_TRUE(Eventually([&] { return worker->linked(); }));
  Push({1});
  ASSERT_TRUE(Eventually([&] { return coordinator_.record(1).finish.has_value(); }));
  EXPECT_GE(coordinator_.hellos(), 2);
}

TEST_F(WorkerTest, SurvivesARestartOfRedis) {
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually([&] { return worker->linked(); }));
  Redis().Kill();
  Redis().Start();
  OpenQuota(kOpenApp);
  coordinator_.AddChunk(1, PlanOf(1));
  Push({1});
  EXPECT_TRUE(Eventually([&] { return coordinator_.record(1).finish.has_value(); }));
}

TEST_F(WorkerTest, ReadsALargeChunkWithinLittleMemory) {
  config_.mutable_worker()->set_memory_bytes(1 << 20);
  coordinator_.SetCredit(64 << 10);
  coordinator_.AddChunk(1, PlanOf(20'000));
  Push({1});
  const auto worker = StartWorker();
  ASSERT_TRUE(Eventually(
      [&] {
        coordinator_.GiveCredit(1, 64 << 10);
        return coordinator_.record(1).finish.has_value();
      },
      absl::Seconds(30)));
  EXPECT_EQ(coordinator_.record(1).rows, 20'000u);
}

TEST(WorkerMakeTest, SaysWhatIsMissing) {
  const SystemClock clock;
  WorkerOptions options;
  options.coordinators = {"127.0.0.1:1"};
  options.config.mutable_api()->set_base_url("https://business-api.tiktok.com/open_api/v1.3/");
  EXPECT_THAT(std::string(Worker::Make(options, clock).status().message()), HasSubstr("redis is not set"));
  options.config.set_redis("unix:/tmp/none.sock");
  EXPECT_TRUE(Worker::Make(options, clock).ok());
  options.coordinators = {"10.1.1.1:7733"};
  EXPECT_EQ(Worker::Make(options, clock).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace tikhaul
