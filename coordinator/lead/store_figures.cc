#include "coordinator/lead/store_figures.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/accounts/accounts.h"
#include "coordinator/core/access.h"

namespace tikhaul {
namespace {

// Cursors are as many as extracts times advertisers.
constexpr absl::Duration kLagsEvery = absl::Seconds(30);

bool Holds(const std::vector<Pause>& pauses, const Run& run) {
  return std::any_of(pauses.begin(), pauses.end(), [&](const Pause& pause) {
    return pause.scope == "all" || (pause.scope == "run" && pause.name == run.id) ||
           (pause.scope == "extract" && pause.name == run.extract);
  });
}

void SetChunks(GaugeFamily& family, const std::string& extract, const ChunkCounts& counts) {
  const std::pair<ChunkState, uint64_t> states[] = {
      {ChunkState::kReady, counts.ready}, {ChunkState::kRunning, counts.running},     {ChunkState::kDone, counts.done},
      {ChunkState::kSplit, counts.split}, {ChunkState::kCancelled, counts.cancelled}, {ChunkState::kDead, counts.dead}};
  for (const auto& [state, count] : states)
    family.With({extract, std::string(Name(state))}).Set(static_cast<double>(count));
}

}  // namespace

absl::Status StoreFigures::Tick() {
  const absl::Time now = clock_.Now();
  const absl::Duration moment = clock_.Monotonic();
  const bool lags_too = moment - lags_read_at_ >= kLagsEvery;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    RETURN_IF_ERROR(ReadWork(reader, now));
    RETURN_IF_ERROR(ReadTrouble(reader));
    return lags_too ? ReadLags(reader, now) : absl::OkStatus();
  }));
  if (lags_too) lags_read_at_ = moment;
  metrics_.store_read.With({}).Set(absl::ToDoubleSeconds(real_clock_.Now() - absl::UnixEpoch()));
  return absl::OkStatus();
}

absl::Status StoreFigures::ReadWork(StoreReader& reader, absl::Time now) {
  ASSIGN_OR_RETURN(const auto by_extract, reader.CountChunksByExtract());
  for (const RegisteredExtract& extract : extracts_.all()) {
    const auto counts = by_extract.find(extract.spec.name());
    SetChunks(metrics_.chunks, extract.spec.name(), counts == by_extract.end() ? ChunkCounts{} : counts->second);
  }
  ASSIGN_OR_RETURN(const std::vector<Run> runs, reader.ListRuns("", 1));
  ASSIGN_OR_RETURN(const std::vector<Pause> pauses, reader.ListPauses());
  uint64_t waiting = 0;
  std::map<std::pair<std::string, RunKind>, int> running;
  std::map<RunKind, absl::Duration> oldest = {{RunKind::kBackfill, {}}, {RunKind::kIncrement, {}}};
  for (const Run& run : runs) {
    if (run.state != RunState::kRunning) continue;
    ++running[{run.extract, run.kind}];
    ASSIGN_OR_RETURN(const ChunkCounts counts, reader.CountChunks(run.id, now));
    waiting += counts.waiting;
    if (counts.ready > counts.waiting && !Holds(pauses, run))
      oldest[run.kind] = std::max(oldest[run.kind], now - run.created);
  }
  for (const RegisteredExtract& extract : extracts_.all()) {
    for (const RunKind kind : {RunKind::kBackfill, RunKind::kIncrement})
      metrics_.runs.With({extract.spec.name(), std::string(Name(kind))}).Set(running[{extract.spec.name(), kind}]);
  }
  for (const auto& [kind, age] : oldest)
    metrics_.oldest_ready.With({std::string(Name(kind))}).Set(absl::ToDoubleSeconds(age));
  metrics_.chunks_waiting.With({}).Set(static_cast<double>(waiting));
  return absl::OkStatus();
}

absl::Status StoreFigures::ReadTrouble(StoreReader& reader) {
  ASSIGN_OR_RETURN(const uint64_t dead, reader.CountDeadLetters());
  metrics_.dead_letters.With({}).Set(static_cast<double>(dead));
  ASSIGN_OR_RETURN(const std::vector<Access> not_open, reader.ListAccess(/*open_too=*/false));
  metrics_.blocks.With({}).Set(static_cast<double>(
      std::count_if(not_open.begin(), not_open.end(), [](const Access& access) { return IsClosed(access.state); })));
  ASSIGN_OR_RETURN(const std::vector<Pause> pauses, reader.ListPauses());
  const auto automatic =
      std::count_if(pauses.begin(), pauses.end(), [](const Pause& pause) { return pause.automatic; });
  metrics_.pauses.With({"coordinator"}).Set(static_cast<double>(automatic));
  metrics_.pauses.With({"operator"}).Set(static_cast<double>(static_cast<ptrdiff_t>(pauses.size()) - automatic));
  return absl::OkStatus();
}

absl::Status StoreFigures::ReadLags(StoreReader& reader, absl::Time now) {
  std::map<std::string, Advertiser> advertisers;
  ASSIGN_OR_RETURN(std::vector<Advertiser> known, reader.ListAdvertisers());
  for (Advertiser& advertiser : known) advertisers[advertiser.id] = std::move(advertiser);
  std::set<std::pair<std::string, std::string>> blocked;  // endpoint, advertiser
  ASSIGN_OR_RETURN(const std::vector<Access> not_open, reader.ListAccess(/*open_too=*/false));
  for (const Access& access : not_open) {
    if (IsClosed(access.state)) blocked.emplace(access.endpoint, access.advertiser);
  }
  for (const RegisteredExtract& extract : extracts_.all()) {
    ASSIGN_OR_RETURN(const std::vector<Cursor> cursors, reader.ListCursors(extract.spec.name()));
    std::optional<absl::Duration> worst;
    for (const Cursor& cursor : cursors) {
      const auto advertiser = advertisers.find(cursor.advertiser);
      if (advertiser == advertisers.end() || !Covers(config_, extract.spec, advertiser->second)) continue;
      if (blocked.contains({extract.endpoint, cursor.advertiser})) continue;
      const absl::StatusOr<absl::TimeZone> zone = LoadZone(advertiser->second.timezone);
      if (!zone.ok()) continue;
      const absl::CivilDay next = cursor.cursor.has_value() ? *cursor.cursor + 1 : cursor.first_day;
      worst = std::max(worst.value_or(absl::ZeroDuration()), now - DayStart(*zone, next));
    }
    if (worst.has_value()) metrics_.finality_lag.With({extract.spec.name()}).Set(absl::ToDoubleSeconds(*worst));
  }
  return absl::OkStatus();
}

}  // namespace tikhaul
