// Stands in for tikhaul-coordinator: serves the admin RPC at --listen (or at the address in the first line of the file
// FAKE_LISTEN), writes its arguments to its log, ends at SIGTERM. Steered by variables of the environment:
//   FAKE_COORDINATOR_FAILS   says why it cannot start and exits with code 1
//   FAKE_IDLE_AFTER          the number of status calls after which nothing is left to do (default 3)
//   FAKE_HOLDS_BACKFILL      set: Backfill is not answered
//   FAKE_DEAD_LETTERS        chunks that are dead in the end
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/base/log.h"
#include "common/base/process.h"
#include "tests/integration/cli/fake_admin.h"

namespace tikhaul {
namespace {

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::string Option(int argc, char** argv, const std::string& name) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == name) return argv[i + 1];
  }
  return "";
}

v1::Run OneRun(bool done) {
  v1::Run run;
  run.set_id("run-1");
  run.set_extract("ads_daily");
  run.set_kind("backfill");
  run.set_state(done ? "done" : "running");
  run.mutable_chunks()->set_done(done ? 4 : 1);
  run.mutable_chunks()->set_ready(done ? 0 : 3);
  run.set_rows(done ? 4000 : 1000);
  run.set_calls(4);
  return run;
}

v1::Status StatusOf(bool done, uint64_t dead) {
  v1::Status status;
  *status.add_runs() = OneRun(done);
  status.set_idle(done);
  status.set_dead_letters(done ? dead : 0);
  v1::ExtractProgress& progress = *status.add_extracts();
  progress.set_extract("ads_daily");
  *progress.mutable_chunks() = status.runs(0).chunks();
  progress.set_rows(status.runs(0).rows());
  return status;
}

void SetAnswers(FakeAdmin& admin) {
  v1::BackfillResponse backfill;
  *backfill.add_runs() = OneRun(false);
  backfill.add_notes("ads_daily: 4 chunks");
  admin.Answer("Backfill", backfill);
  v1::SyncResponse sync;
  sync.add_notes("ads_daily: nothing is read yet");
  admin.Answer("Sync", sync);
  const uint64_t dead = std::stoull(Variable("FAKE_DEAD_LETTERS", "0"));
  for (int i = std::stoi(Variable("FAKE_IDLE_AFTER", "3")); i > 0; --i)
    admin.Answer("GetStatus", StatusOf(false, dead));
  admin.Answer("GetStatus", StatusOf(true, dead));
  v1::ListDeadLettersResponse letters;
  for (uint64_t i = 0; i < dead; ++i) {
    letters.add_dead_letters()->set_extract("ads_daily");
    letters.mutable_dead_letters(static_cast<int>(i))->set_reason("permanent");
    letters.mutable_dead_letters(static_cast<int>(i))->set_message("metrics: unknown");
  }
  admin.Answer("ListDeadLetters", letters);
  v1::PlanResponse plan;
  plan.add_lines()->set_extract("ads_daily");
  plan.mutable_lines(0)->set_advertisers(1);
  admin.Answer("Plan", plan);
  v1::ListStreamsResponse streams;
  streams.add_streams()->set_name("basic_report");
  admin.Answer("ListStreams", streams);
}

int Main(int argc, char** argv) {
  ShutdownSignal signal;
  StartLog("coordinator", LogLevel::kInfo);
  for (int i = 1; i < argc; ++i) std::fprintf(stderr, "argument %s\n", argv[i]);
  if (const std::string why = Variable("FAKE_COORDINATOR_FAILS", ""); !why.empty()) {
    LogError("cannot start", {{"error", why}});
    return 1;
  }
  std::string address = Option(argc, argv, "--listen");
  if (address.empty()) address = Variable("FAKE_LISTEN", "");
  FakeAdmin admin;
  SetAnswers(admin);
  if (!Variable("FAKE_HOLDS_BACKFILL", "").empty()) admin.HoldBackfill();
  const std::unique_ptr<grpc::Server> server = ServeAdmin(admin, address);
  if (server == nullptr) {
    LogError("cannot listen", {{"address", address}});
    return 1;
  }
  while (!signal.WaitFor(absl::Seconds(60))) {
  }
  for (const std::string& request : admin.requests()) std::fprintf(stderr, "request %s\n", request.c_str());
  std::fprintf(stderr, "stopped by a signal\n");
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace
}  // namespace tikhaul

int main(int argc, char** argv) { return tikhaul::Main(argc, argv); }
