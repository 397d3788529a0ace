#include "coordinator/schedule/scheduler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tikhaul {

absl::StatusOr<Scheduler> Scheduler::Make(const ExtractRegistry& extracts, RunService& runs, Store& store,
                                          const Clock& clock) {
  Scheduler scheduler(runs, store, clock);
  for (const RegisteredExtract& extract : extracts.all()) {
    if (extract.spec.schedule().empty()) continue;
    absl::StatusOr<Cron> cron = ParseCron(extract.spec.schedule());
    if (!cron.ok()) return Annotate(cron.status(), absl::StrCat("schedule of extract \"", extract.spec.name(), "\""));
    scheduler.schedules_.emplace(extract.spec.name(), *std::move(cron));
  }
  return scheduler;
}

absl::StatusOr<bool> Scheduler::Due(const std::string& extract, const Cron& cron) const {
  std::vector<Run> runs;
  RETURN_IF_ERROR(store_->Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(runs, reader.ListRuns(extract, 1));
    return absl::OkStatus();
  }));
  if (runs.empty()) return false;  // never backfilled: the user has not begun
  absl::Time newest = absl::InfinitePast();
  for (const Run& run : runs) newest = std::max(newest, run.created);
  return cron.Next(newest) <= clock_->Now();
}

void Scheduler::Tick() {
  for (const auto& [extract, cron] : schedules_) {
    const auto tried = tried_.find(extract);
    if (tried != tried_.end() && clock_->Now() - tried->second < absl::Minutes(1)) continue;
    const absl::StatusOr<bool> due = Due(extract, cron);
    if (!due.ok() || !*due) continue;
    tried_[extract] = clock_->Now();
    const absl::StatusOr<std::vector<StartedRun>> started = runs_->Sync({extract});
    if (!started.ok()) {
      LogWarning("a scheduled increment could not be started",
                 {{"extract", extract}, {"error", started.status().message()}});
    } else {
      for (const StartedRun& run : *started) LogInfo("scheduled increment", {{"extract", extract}, {"note", run.note}});
    }
  }
}

}  // namespace tikhaul
