// `tikhaul local`: everything on one machine in one go.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/local/local_cluster.h"
#include "cli/local/summary.h"
#include "cli/progress/display.h"
#include "cli/progress/render.h"
#include "cli/runs.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/config/addresses.h"
#include "common/config/config.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kLookInterval = absl::Milliseconds(250);
// A coordinator that gives no status for so long, whatever is done about it, will not come back.
constexpr absl::Duration kLongestSilence = absl::Minutes(2);

struct LocalOptions {
  int workers = 2;
  bool once = false;
  bool no_backfill = false;
  bool retry = false;
  int64_t clock_offset_seconds = 0;
  std::string state_folder;
};

// One `tikhaul local` from start to stop.
class LocalRun {
 public:
  LocalRun(Session& session, const LocalOptions& options, ShutdownSignal& signal)
      : session_(session), options_(options), signal_(signal), display_(session.console(), session.clock()) {}

  int Run() {
    const absl::Status worked = Work();
    client_.reset();  // an idle connection would hold the coordinator's end up
    if (cluster_ != nullptr) {
      if (!session_.json) session_.console().out << "stopping" << std::endl;
      cluster_->Stop();
    }
    return worked.ok() ? exit_code_ : session_.Fail(worked);
  }

 private:
  absl::Status Work() {
    RETURN_IF_ERROR(Start());
    client_.emplace(cluster_->coordinator_address(), dialer_);
    ASSIGN_OR_RETURN(bool finished, GiveWork());
    if (finished) {
      ASSIGN_OR_RETURN(finished, Follow());
    }
    if (!options_.once) return absl::OkStatus();
    if (!finished) return absl::CancelledError("stopped before everything was read: the next start goes on from here");
    return Summarize();
  }

  absl::Status Start() {
    ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(session_.config_path));
    ASSIGN_OR_RETURN(LocalFolder folder,
                     LocalFolder::Open(options_.state_folder.empty() ? DefaultStateFolder(session_.config_path)
                                                                     : options_.state_folder));
    ASSIGN_OR_RETURN(dialer_, session_.MakeDialer());
    LocalClusterOptions cluster;
    cluster.dialer = dialer_;
    ASSIGN_OR_RETURN(cluster.binaries, FolderOfThisProgram());
    cluster.config_path = std::filesystem::absolute(session_.config_path).string();
    cluster.private_redis = config.redis().empty();
    cluster.worker_http = config.worker().http();
    cluster.coordinator_address = DialAddress(config.coordinator().listen());
    cluster.workers = options_.workers;
    cluster.clock_offset = absl::Seconds(options_.clock_offset_seconds);
    Say(absl::StrCat("starting ", config.redis().empty() ? "Redis, " : "", "coordinator and ",
                     Counted(static_cast<uint64_t>(options_.workers), "worker"), "; store ", ShownStore(config.store()),
                     "; logs in ", folder.path()));
    cluster_ = std::make_unique<LocalCluster>(std::move(cluster), std::move(folder), session_.clock());
    return cluster_->Start([this](absl::Duration duration) { return signal_.WaitFor(duration); });
  }

  // What was finished before stays finished: the coordinator knows. False: the user wants to end.
  absl::StatusOr<bool> GiveWork() {
    if (options_.retry) {
      ASSIGN_OR_RETURN(const v1::RetryResponse retried, client_->Call(&v1::Admin::Stub::Retry, v1::RetryRequest()));
      Say(absl::StrCat(Counted(retried.chunks(), "dead chunk"), " will be tried again"));
    }
    if (options_.no_backfill) return true;
    ASSIGN_OR_RETURN(const auto backfill, LongCall(&v1::Admin::Stub::Backfill, v1::BackfillRequest()));
    if (!backfill.has_value()) return false;
    for (const std::string& note : backfill->notes()) Say(Printable(note));
    asked_ = backfill->runs();
    ASSIGN_OR_RETURN(const auto sync, LongCall(&v1::Admin::Stub::Sync, v1::SyncRequest()));
    if (!sync.has_value()) return false;
    // The other notes say that there is nothing to add to the backfill.
    for (const v1::Run& run : sync->runs()) {
      Say(absl::StrCat(Printable(run.extract()), ": increment of ", HumanDays(run.first_day(), run.last_day())));
      *asked_.Add() = run;
    }
    return true;
  }

  // A call during which the coordinator may wait for the API. Nothing: the user wants to end, and everything is
  // stopped.
  template <typename Request, typename Response>
  absl::StatusOr<std::optional<Response>> LongCall(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                                           const Request&, Response*),
                                                   const Request& request) {
    auto call = std::async(std::launch::async, [&] { return client_->Call(method, request, kLongCallTimeout); });
    while (call.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      if (!signal_.WaitFor(kLookInterval / 5)) continue;
      cluster_->Stop();
      return std::nullopt;
    }
    absl::StatusOr<Response> answer = call.get();
    if (!answer.ok()) return answer.status();
    return *std::move(answer);
  }

  // Shows status and tends the children until the user wants to end (false) or, with --once, nothing is left to do
  // (true).
  absl::StatusOr<bool> Follow() {
    absl::Duration heard = session_.clock().Monotonic();
    for (;;) {
      for (const std::string& note : cluster_->Tend()) Say(note);
      const auto status = client_->Call(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest());
      if (status.ok()) {
        heard = session_.clock().Monotonic();
        Show(*status);
        if (options_.once && status->idle()) return true;
      } else {
        client_.emplace(cluster_->coordinator_address(),
                        dialer_);  // connects anew to a coordinator that was started again
      }
      if (session_.clock().Monotonic() - heard > kLongestSilence) {
        return Annotate(status.status(), absl::StrCat("gave up after ", HumanDuration(kLongestSilence), "; logs in ",
                                                      cluster_->log_folder()));
      }
      if (signal_.WaitFor(kLookInterval)) return false;
    }
  }

  absl::Status Summarize() {
    v1::GetStatusRequest request;
    request.set_recent_runs(1000);
    ASSIGN_OR_RETURN(const v1::Status status, client_->Call(&v1::Admin::Stub::GetStatus, request));
    v1::PlanRequest plan_request;
    plan_request.set_without_calls(true);
    ASSIGN_OR_RETURN(const auto plan, client_->Call(&v1::Admin::Stub::Plan, plan_request, kLongCallTimeout));
    v1::ListDeadLettersRequest letters_request;
    letters_request.set_page_size(1000);
    ASSIGN_OR_RETURN(const auto letters, client_->Call(&v1::Admin::Stub::ListDeadLetters, letters_request));
    const Runs runs = AskedRunsAsIn(status);
    const bool hindered = status.dead_letters() > 0 || status.blocks_size() > 0 || status.pauses_size() > 0;
    exit_code_ = hindered ? kExitPartial : ExitCodeOf(runs);
    if (session_.json) return absl::OkStatus();
    display_.Finish(status);
    session_.console().out << "\n" << SummaryTable(runs, plan);
    for (const std::string& line : DeadLetterLines(letters)) session_.console().out << line << "\n";
    for (const std::string& line : HindranceLines(status)) {
      if (!absl::StartsWith(line, "dead ")) session_.console().out << line << "\n";
    }
    session_.console().out << std::flush;
    return absl::OkStatus();
  }

  // The runs that were asked for at the start, as they stand now. `existed` says that there was nothing left to do.
  Runs AskedRunsAsIn(const v1::Status& status) const {
    Runs runs = asked_;
    for (v1::Run& run : runs) {
      const bool was_done = run.existed() && run.state() == "done";
      for (const v1::Run& now : status.runs()) {
        if (now.id() == run.id()) run = now;
      }
      run.set_existed(was_done);
    }
    return runs;
  }

  void Show(const v1::Status& status) {
    if (session_.json) {
      session_.console().out << ToJson(status, /*pretty=*/false) << std::endl;
    } else {
      display_.Show(status);
    }
  }

  void Say(absl::string_view line) {
    if (session_.json) {
      session_.console().err << line << std::endl;
    } else {
      display_.Note(line);
    }
  }

  Session& session_;
  const LocalOptions& options_;
  ShutdownSignal& signal_;
  ProgressDisplay display_;
  std::unique_ptr<LocalCluster> cluster_;
  Dialer dialer_;
  std::optional<AdminClient> client_;
  Runs asked_;
  int exit_code_ = kExitOk;
};

int RunLocal(Session& session, const LocalOptions& options) {
  ShutdownSignal signal;  // before the first thread of gRPC
  return LocalRun(session, options, signal).Run();
}

}  // namespace

void AddLocal(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "local",
      "Runs everything on this machine: a private Redis (unless the configuration names one), coordinator and "
      "workers.\n"
      "Begins the backfill of all extracts and the increments, shows progress, stops cleanly at Ctrl-C.");
  const auto options = std::make_shared<LocalOptions>();
  command->add_option("--workers", options->workers, "Worker processes")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--once", options->once, "End when nothing is left to do, with a summary");
  command->add_flag("--no-backfill", options->no_backfill, "Give no work: schedules and other commands do");
  command->add_flag("--retry", options->retry, "Try dead letters again first");
  command->add_option(
      "--clock-offset", options->clock_offset_seconds,
      "Seconds by which the clock of coordinator and workers is ahead; for trials against a simulated API");
  command->add_option("--state-dir", options->state_folder,
                      "Folder for logs and sockets; default: .tikhaul beside the configuration");
  command->callback([&session, options] { session.exit_code = RunLocal(session, *options); });
}

}  // namespace tikhaul
