#include "cli/runs.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress/display.h"
#include "cli/table.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

std::string StateOf(const v1::Run& run) {
  std::string state = run.state();
  if (run.paused()) state += ", paused";
  if (run.chunks().dead() > 0) absl::StrAppend(&state, ", ", WithThousands(run.chunks().dead()), " dead");
  return state;
}

bool HasEnded(const v1::Run& run) { return run.state() != "running"; }

// The runs of `status` that are asked for. A run that the list no longer holds has ended long ago.
Runs Pick(const v1::Status& status, const std::vector<std::string>& ids) {
  Runs picked;
  for (const v1::Run& run : status.runs()) {
    if (std::find(ids.begin(), ids.end(), run.id()) != ids.end()) *picked.Add() = run;
  }
  return picked;
}

}  // namespace

uint64_t WantedChunks(const v1::ChunkCounts& chunks) {
  return chunks.ready() + chunks.running() + chunks.done() + chunks.dead();
}

std::string ChunksDone(const v1::ChunkCounts& chunks) {
  return absl::StrCat(WithThousands(chunks.done()), "/", WithThousands(WantedChunks(chunks)));
}

std::string RunTable(const Runs& runs) {
  TextTable table({{"run"},
                   {"extract"},
                   {"kind"},
                   {"days"},
                   {"state"},
                   {"chunks", true},
                   {"rows", true},
                   {"calls", true},
                   {"created"},
                   {"finished"}});
  for (const v1::Run& run : runs) {
    table.Add({run.id(), run.extract(), run.kind(), HumanDays(run.first_day(), run.last_day()), StateOf(run),
               ChunksDone(run.chunks()), WithThousands(run.rows()), WithThousands(run.calls()),
               HumanTime(run.created()), HumanTime(run.finished())});
  }
  return table.Render();
}

ExitCode ExitCodeOf(const Runs& runs) {
  const bool whole = std::all_of(runs.begin(), runs.end(), [](const v1::Run& run) {
    return HasEnded(run) && run.state() != "partial" && run.chunks().dead() == 0;
  });
  return whole ? kExitOk : kExitPartial;
}

absl::StatusOr<Runs> AwaitRuns(Session& session, AdminClient& client, const std::vector<std::string>& ids) {
  v1::WatchStatusRequest watch;
  watch.set_interval_ms(500);
  ProgressDisplay display(session.console(), session.clock());
  RETURN_IF_ERROR(client.Stream(&v1::Admin::Stub::WatchStatus, watch, [&](const v1::Status& status) {
    if (session.json) {
      session.console().out << ToJson(status, /*pretty=*/false) << std::endl;
    } else {
      display.Show(status);
    }
    const Runs runs = Pick(status, ids);
    return !status.idle() && std::any_of(runs.begin(), runs.end(), [](const v1::Run& run) { return !HasEnded(run); });
  }));
  v1::GetStatusRequest request;
  request.set_recent_runs(1000);
  ASSIGN_OR_RETURN(const v1::Status last, client.Call(&v1::Admin::Stub::GetStatus, request));
  if (!session.json) display.Finish(last);
  return Pick(last, ids);
}

}  // namespace tikhaul
