// Which status code each call of the admin service gives for what; docs/admin-rpc.md has the same table.
#include <grpcpp/generic/generic_stub.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "tests/integration/coordinator/coordinator_fixture.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;

struct WrongCall {
  const char* method;
  const char* request;  // in protobuf's text form
  grpc::StatusCode code;
};

constexpr WrongCall kWrongCalls[] = {
    {"ListStreams", "stream: 'no_such'", grpc::NOT_FOUND},
    {"ListStreams", "page_token: 'x'", grpc::INVALID_ARGUMENT},
    {"Plan", "extracts: 'ads_dayly'", grpc::NOT_FOUND},
    {"Plan", "advertisers: '7001000000000000999'", grpc::NOT_FOUND},
    {"Plan", "range { first_day: 'yesterday' }", grpc::INVALID_ARGUMENT},
    {"Backfill", "extracts: 'ads_dayly'", grpc::NOT_FOUND},
    {"Backfill", "advertisers: '7001000000000000999'", grpc::NOT_FOUND},
    {"Backfill", "range { last_day: '2026-02-30' }", grpc::INVALID_ARGUMENT},
    {"Backfill", "extracts: 'ads_daily' only_metrics: 'no_metric'", grpc::INVALID_ARGUMENT},
    {"Backfill", "idempotency_key: '\\n'", grpc::INVALID_ARGUMENT},
    {"Backfill", "extracts: 'ads_daily' idempotency_key: 'taken'", grpc::ALREADY_EXISTS},
    {"Sync", "extracts: 'ads_dayly'", grpc::NOT_FOUND},
    {"Sync", "idempotency_key: '\\n'", grpc::INVALID_ARGUMENT},
    {"Sync", "extracts: 'ads_daily' idempotency_key: 'taken'", grpc::ALREADY_EXISTS},
    {"WatchStatus", "run_ids: 'bf-none-0'", grpc::NOT_FOUND},
    {"ListRuns", "kind: 'picnic'", grpc::INVALID_ARGUMENT},
    {"ListRuns", "state: 'asleep'", grpc::INVALID_ARGUMENT},
    {"ListRuns", "page_token: 'x'", grpc::INVALID_ARGUMENT},
    {"ListRuns", "page_token: 'x/y'", grpc::INVALID_ARGUMENT},
    {"Cancel", "run_id: 'bf-none-0'", grpc::NOT_FOUND},
    {"Cancel", "idempotency_key: '\\n'", grpc::INVALID_ARGUMENT},
    {"Cancel", "run_id: 'x' idempotency_key: 'taken'", grpc::ALREADY_EXISTS},
    {"Pause", "scope: 'galaxy'", grpc::INVALID_ARGUMENT},
    {"Pause", "scope: 'all' name: 'x'", grpc::INVALID_ARGUMENT},
    {"Pause", "scope: 'advertiser' name: '7001000000000000999'", grpc::NOT_FOUND},
    {"Pause", "scope: 'extract' name: 'ads_daily' idempotency_key: 'taken'", grpc::ALREADY_EXISTS},
    {"Resume", "scope: 'galaxy'", grpc::INVALID_ARGUMENT},
    {"Resume", "scope: 'connection' name: 'x'", grpc::NOT_FOUND},
    {"Resume", "scope: 'all' idempotency_key: 'taken'", grpc::ALREADY_EXISTS},
    {"Retry", "reason: 'weather'", grpc::INVALID_ARGUMENT},
    {"Retry", "idempotency_key: 'taken'", grpc::ALREADY_EXISTS},
    {"ListDeadLetters", "reason: 'weather'", grpc::INVALID_ARGUMENT},
    {"ListDeadLetters", "page_token: '-1'", grpc::INVALID_ARGUMENT},
    {"ListCursors", "extract: 'ads_dayly'", grpc::NOT_FOUND},
    {"ListCursors", "page_token: 'x'", grpc::INVALID_ARGUMENT},
    {"ListLedger", "extract: 'ads_dayly'", grpc::NOT_FOUND},
    {"ListLedger", "range { first_day: 'x' }", grpc::INVALID_ARGUMENT},
    {"ListLedger", "page_token: '-1'", grpc::INVALID_ARGUMENT},
    {"Verify", "extracts: 'ads_dayly'", grpc::NOT_FOUND},
    {"Verify", "range { first_day: 'x' }", grpc::INVALID_ARGUMENT},
    {"ListFigures", "extract: 'ads_dayly'", grpc::NOT_FOUND},
    {"ListFigures", "extract: 'ads_daily' metrics: 'no_metric'", grpc::INVALID_ARGUMENT},
    {"ListRestatements", "extract: 'ads_dayly'", grpc::NOT_FOUND},
    {"ListRestatements", "page_token: 'x'", grpc::INVALID_ARGUMENT},
};

std::string NameOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::NOT_FOUND:
      return "NOT_FOUND";
    case grpc::INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case grpc::ALREADY_EXISTS:
      return "ALREADY_EXISTS";
    default:
      return "another";
  }
}

const google::protobuf::ServiceDescriptor& AdminDescriptor() {
  return *google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("tikhaul.v1.Admin");
}

class StatusCodesTest : public CoordinatorTest {
 protected:
  StatusCodesTest()
      : stub_(grpc::CreateChannel("unix:" + folder_.Path("c.sock"), grpc::InsecureChannelCredentials())) {}

  // Of the whole call; answers of streams are read and dropped.
  grpc::Status Call(const WrongCall& call) {
    const auto* const method = AdminDescriptor().FindMethodByName(call.method);
    if (method == nullptr) return {grpc::UNIMPLEMENTED, "no such call"};
    google::protobuf::DynamicMessageFactory messages;
    const std::unique_ptr<google::protobuf::Message> request(messages.GetPrototype(method->input_type())->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(call.request, request.get())) << call.request;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(25));
    grpc::CompletionQueue queue;
    const auto stream = stub_.PrepareCall(&context, absl::StrCat("/tikhaul.v1.Admin/", call.method), &queue);
    const auto done = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    stream->StartCall(nullptr);
    done();
    const std::string bytes = request->SerializeAsString();
    const grpc::Slice slice(bytes);
    stream->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    done();
    grpc::ByteBuffer answer;
    do {
      stream->Read(&answer, nullptr);
    } while (done());
    grpc::Status status;
    stream->Finish(&status, nullptr);
    done();
    return status;
  }

 private:
  grpc::GenericStub stub_;
};

TEST_F(StatusCodesTest, EachWrongCallGetsItsOwn) {
  v1::PauseRequest pause;
  pause.set_scope("all");
  pause.set_idempotency_key("taken");
  v1::PauseResponse paused;
  ASSERT_TRUE(Ask(&v1::Admin::Stub::Pause, pause, &paused).ok());
  for (const WrongCall& call : kWrongCalls) {
    const grpc::Status status = Call(call);
    EXPECT_EQ(NameOf(status.error_code()), NameOf(call.code))
        << call.method << " " << call.request << ": " << status.error_code() << " " << status.error_message();
    EXPECT_NE(status.error_message(), "") << call.method;
  }
}

// "| `Method` | codes |" for every call of the service.
TEST(AdminRpcPage, TheTableNamesEveryCallAndTheCodesTriedHere) {
  std::map<std::string, std::string> rows;
  for (const absl::string_view line : absl::StrSplit(*ReadFile(ADMIN_RPC_PAGE), '\n')) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() > 3) rows[cells[1]] = std::string(line);
  }
  for (int i = 0; i < AdminDescriptor().method_count(); ++i) {
    const std::string& name = AdminDescriptor().method(i)->name();
    EXPECT_TRUE(rows.contains(absl::StrCat(" `", name, "` "))) << name << " has no row in docs/admin-rpc.md";
  }
  for (const WrongCall& call : kWrongCalls) {
    EXPECT_THAT(rows[absl::StrCat(" `", call.method, "` ")], HasSubstr(NameOf(call.code)));
  }
}

}  // namespace
}  // namespace tikhaul
