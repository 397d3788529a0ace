#include "tests/integration/coordinator/coordinator_fixture.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "coordinator/store/store.h"

namespace tikhaul {
namespace {

// So that days of 2026 lie where the tests expect them: "now" is 10 March 2026, 13:00 UTC.
absl::Duration OffsetOfTests() {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 10, 13, 0, 0), absl::UTCTimeZone()) - SystemClock().Now();
}

}  // namespace

CoordinatorTest::CoordinatorTest() {
  EXPECT_TRUE(WriteFileAtomically(folder_.Path("token"), "a-token-of-these-tests").ok());
  {
    const std::unique_ptr<Store> store = OpenStore("sqlite:" + store_path()).value();
    const absl::Status put = store->Write([](StoreTransaction& tx) -> absl::Status {
      // Known to be open, so that no chunk has to go ahead of the others.
      for (const char* const endpoint : {kReports, "campaign/get/"}) {
        RETURN_IF_ERROR(tx.PutAccess(
            {.advertiser = kAdvertiser, .endpoint = endpoint, .state = AccessState::kOpen, .message = ""}));
      }
      return tx.PutAdvertiser({.id = kAdvertiser,
                               .connection = "main",
                               .name = "Shoes",
                               .timezone = "UTC",
                               .currency = "USD",
                               .status = "STATUS_ENABLE",
                               .created = absl::FromCivil(absl::CivilDay(2025, 1, 1), absl::UTCTimeZone())});
    });
    EXPECT_TRUE(put.ok()) << put;
  }
  StartCoordinator();
}

CoordinatorTest::~CoordinatorTest() { coordinator_.reset(); }

v1::Config CoordinatorTest::MakeConfig() const {
  return ParseConfig(
             absl::StrCat("app: {id: \"7009\"}\n"
                          "connections:\n"
                          "  - {name: main, token_file: token, advertisers: [\"",
                          kAdvertiser,
                          "\"]}\n"
                          "extracts:\n"
                          "  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day],\n"
                          "     metrics: [spend, clicks]}\n"
                          "  - {name: campaigns, stream: campaigns}\n"
                          "store: sqlite:store.db\n"
                          "redis: \"",
                          redis_.url(),
                          "\"\n"
                          // Nobody listens there: whatever needs the API has to do without.
                          "api: {base_url: \"http://127.0.0.1:1/open_api/v1.3/\"}\n"
                          "coordinator: {listen: \"unix:c.sock\", http: \"127.0.0.1:0\", spool_dir: spool}\n"),
             "tikhaul.yaml", folder_.path())
      .value();
}

void CoordinatorTest::StartCoordinator() {
  v1::Config config = MakeConfig();
  adjust_config_(config);
  absl::StatusOr<std::unique_ptr<Coordinator>> coordinator =
      Coordinator::Start(config, {.clock_offset = OffsetOfTests()});
  ASSERT_TRUE(coordinator.ok()) << coordinator.status();
  coordinator_ = *std::move(coordinator);
  const std::shared_ptr<grpc::Channel> channel =
      grpc::CreateChannel("unix:" + folder_.Path("c.sock"), grpc::InsecureChannelCredentials());
  ingest_ = v1::Ingest::NewStub(channel);
  admin_ = v1::Admin::NewStub(channel);
  grpc::ClientContext context;
  v1::HelloRequest request;
  request.set_protocol(v1::PROTOCOL_VERSION_1);
  request.set_worker("fake");
  request.set_incarnation("fake-start");
  v1::HelloResponse response;
  const grpc::Status hello = ingest_->Hello(&context, request, &response);
  ASSERT_TRUE(hello.ok()) << hello.error_message();
  hints_ = std::make_unique<HintConsumer>(RedisOptions{.url = redis_.url()}, response.instance(), "fake");
}

v1::BackfillResponse CoordinatorTest::Backfill(const std::string& first, const std::string& last) {
  v1::BackfillRequest request;
  request.add_extracts("ads_daily");
  request.mutable_range()->set_first_day(first);
  request.mutable_range()->set_last_day(last);
  v1::BackfillResponse response;
  const grpc::Status status = Ask(&v1::Admin::Stub::Backfill, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

v1::Status CoordinatorTest::GetStatus() {
  v1::Status response;
  const grpc::Status status = Ask(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest(), &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

v1::Run CoordinatorTest::OnlyRun() {
  const v1::Status status = GetStatus();
  EXPECT_EQ(status.runs_size(), 1);
  return status.runs_size() == 0 ? v1::Run() : status.runs(0);
}

void CoordinatorTest::Pause(const std::string& scope, const std::string& name) {
  v1::PauseRequest request;
  request.set_scope(scope);
  request.set_name(name);
  v1::PauseResponse response;
  const grpc::Status status = Ask(&v1::Admin::Stub::Pause, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

void CoordinatorTest::Resume(const std::string& scope, const std::string& name) {
  v1::ResumeRequest request;
  request.set_scope(scope);
  request.set_name(name);
  v1::ResumeResponse response;
  const grpc::Status status = Ask(&v1::Admin::Stub::Resume, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

std::vector<ChunkId> CoordinatorTest::PopHints(absl::Duration wait) {
  std::vector<ChunkId> chunks;
  const absl::StatusOr<std::vector<Hint>> hints = hints_->Pop(100, wait);
  EXPECT_TRUE(hints.ok()) << hints.status();
  for (const Hint& hint : hints.value_or(std::vector<Hint>())) {
    chunks.push_back(hint.chunk);
    EXPECT_TRUE(hints_->Spend(hint).ok());
  }
  return chunks;
}

ChunkId CoordinatorTest::PopHint() {
  std::vector<Hint> popped;
  EXPECT_TRUE(Eventually([&] {
    popped = hints_->Pop(1, absl::Milliseconds(200)).value_or(std::vector<Hint>());
    return !popped.empty();
  })) << "no hint comes";
  if (popped.empty()) return 0;
  EXPECT_TRUE(hints_->Spend(popped[0]).ok());
  return popped[0].chunk;
}

std::map<std::string, std::string> CoordinatorTest::ChunkRow(ChunkId chunk) const {
  std::map<std::string, std::string> row;
  for (const char* name :
       {"state", "epoch", "owner", "transient_attempts", "drift_attempts", "crash_attempts", "deliveries", "calls",
        "last_failure", "last_error", "not_before_us", "first_day", "last_day"}) {
    const SqlRows cells = Query(absl::StrCat("SELECT ", name, " FROM tikhaul_chunk WHERE id = ", chunk));
    row[name] = cells.empty() ? "no such chunk" : cells[0][0];
  }
  return row;
}

testing::AssertionResult CoordinatorTest::ChunkBecomes(ChunkId chunk, const std::string& column,
                                                       const std::string& value) const {
  if (Eventually([&] { return ChunkRow(chunk)[column] == value; })) return testing::AssertionSuccess();
  return testing::AssertionFailure() << column << " of chunk " << chunk << " stays " << ChunkRow(chunk)[column];
}

}  // namespace tikhaul
