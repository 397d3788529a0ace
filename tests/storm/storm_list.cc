// All storms, as data.
#include "absl/strings/str_cat.h"
#include "tests/storm/blows.h"
#include "tests/storm/storm.h"

namespace tikhaul {
namespace {

constexpr auto S = [](double seconds) { return absl::Seconds(seconds); };
constexpr auto MS = [](int64_t milliseconds) { return absl::Milliseconds(milliseconds); };

Must InLogs(std::string what, std::string role, std::string text) {
  return {.what = std::move(what),
          .seen = [role = std::move(role), text = std::move(text)](Stage& stage) { return stage.InLogs(role, text); }};
}
Must ClaimsRefused() { return InLogs("claims refused", "worker", "\"outcome\":\"refused\""); }
Must ChunksTakenBack() { return InLogs("chunks taken back", "coordinator", "\"event\":\"chunk given back\""); }
Must HintsPushedAgain() { return InLogs("hints lost", "coordinator", "Redis has lost the hints"); }
Must Evictions() { return InLogs("evicted, and joined again", "coordinator", "was evicted; it joins again"); }
Must StoreFaults() { return InLogs("faults of the store", "coordinator", "\"event\":\"fault\",\"subject\":\"store\""); }

void RetryTheDead(Stage& stage) { EXPECT_TRUE(stage.Call(&v1::Admin::Stub::Retry, v1::RetryRequest()).has_value()); }

void ResumeAndReadAll(Stage& stage) {
  for (const char* const scope : {"all", "connection", "extract"}) {
    for (const char* const name : {"", "main", "ads_hourly", "adverts"}) {
      v1::ResumeRequest request;
      request.set_scope(scope);
      request.set_name(name);
      stage.Call(&v1::Admin::Stub::Resume, request);  // of what is not paused: refused
    }
  }
  EXPECT_TRUE(stage.AskBackfill("after the storm"));
}

// Of one day, so of one chunk of each account.
std::function<void(Stage&)> PoisonPage(int page) {
  return [page](Stage& stage) {
    stage.shim().Poison();
    stage.cluster().Fault(absl::StrCat(
        R"({"kind":"not_json","body":"this-answer-kills","times":-1,"match":{"path":"report/integrated/get/",)",
        R"("start_date":"2026-06-10","page":)", page, "}}"));
  };
}
void Detoxify(Stage& stage) {
  EXPECT_EQ(stage.Ask("SELECT count(*) FROM tikhaul_chunk WHERE state = 'dead' AND first_day = '2026-06-10'"), 3)
      << "the chunks that kill were not found out";
  stage.cluster().ClearFaults();
  RetryTheDead(stage);
}
Storm PoisonedPage(int page, std::string name, std::string title) {
  return {.name = std::move(name),
          .title = std::move(title),
          .scene = {.days = 12, .shim = true},
          .lasts = S(10),
          .musts = {InLogs("workers started", "worker", "\"event\":\"worker starts\""), ChunksTakenBack()},
          .blameless = false,
          .may_die_of = {"crash"},
          .prepare = PoisonPage(page),
          .mend = Detoxify};
}

std::vector<Storm> All() {
  using namespace blows;
  std::vector<Storm> storms;
  // What happens between the processes has nothing to do with the store.
  const std::vector<StoreKind> sqlite = {StoreKind::kSqlite}, postgres = {StoreKind::kPostgres};
  const auto add = [&](Storm storm) { storms.push_back(std::move(storm)); };
  add({.name = "Mix",
       .title = "a little of everything",
       .scene = {.coordinators = 2, .days = 15},
       .lasts = S(8),
       .blows = {KillAWorker({S(1), S(2)}, {MS(50), MS(200)}), FlushRedis({S(2), S(4)}), DoubleTheHints({S(1), S(2)}),
                 FreezeAWorker({S(1), S(2)}, {S(1), S(2)}), KillACoordinator({S(4), S(5)}, {MS(50), MS(200)})},
       .musts = {ClaimsRefused(), ChunksTakenBack()},
       .blameless = false,
       .may_die_of = {"crash"},
       .in_every_run = true,
       .mend = RetryTheDead});
  add({.name = "KilledWorkers",
       .title = "kill -9 of workers",
       .blows = {KillAWorker({MS(500), S(3)}, {MS(50), MS(500)})},
       .musts = {ChunksTakenBack()},
       .blameless = false,
       .may_die_of = {"crash"},
       .mend = RetryTheDead});
  add({.name = "KilledCoordinator",
       .title = "kill -9 of the coordinator",
       .lasts = S(60),
       .blows = {KillACoordinator({S(4), S(14)}, {MS(50), S(2)})},
       .musts = {InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")}});
  add({.name = "EverythingKilled",
       .title = "kill -9 of workers, coordinator and Redis, immediate stop of PostgreSQL",
       .scene = {.coordinators = 2},
       .lasts = S(60),
       .blows = {KillAWorker({S(1), S(4)}, {MS(50), S(1)}), KillACoordinator({S(5), S(10)}, {MS(50), S(2)}),
                 KillRedis({S(5), S(10)}, {MS(50), S(2)}), KillPostgres({S(5), S(10)}, {MS(50), S(2)})},
       .musts = {InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .mend = RetryTheDead});
  add({.name = "FrozenWorkers",
       .title = "workers stand still past the keepalive and go on",
       .lasts = S(75),
       .blows = {FreezeAWorker({S(1), S(3)}, {S(17), S(25)}), FreezeAWorker({S(3), S(6)}, {S(17), S(25)})},
       .musts = {ChunksTakenBack(), InLogs("zombies told", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .mend = RetryTheDead});
  add({.name = "FrozenCoordinator",
       .title = "the coordinator stands still past the keepalive and goes on",
       .lasts = S(75),
       .blows = {FreezeTheLead({S(5), S(10)}, {S(17), S(22)})},
       .musts = {InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = sqlite,
       .mend = RetryTheDead});
  add({.name = "CutOffWorker",
       .title = "network: one worker cut off from everything",
       .scene = {.spaces = true},
       .lasts = S(75),
       .blows = {CutOffWorkers(1, {S(2), S(5)}, {S(5), S(25)})},
       .musts = {ChunksTakenBack(), InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = postgres,
       .mend = RetryTheDead});
  add({.name = "HalfTheWorkersCutOff",
       .title = "network: half the workers cut off from everything",
       .scene = {.spaces = true},
       .lasts = S(75),
       .blows = {CutOffWorkers(Stage::kWorkers / 2, {S(2), S(5)}, {S(5), S(25)})},
       .musts = {ChunksTakenBack(), InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = sqlite,
       .mend = RetryTheDead});
  add({.name = "CoordinatorCutFromDatabase",
       .title = "network: coordinator cut off from the database",
       .scene = {.spaces = true},
       .lasts = S(75),
       .blows = {CutTheLeadFromTheDatabase({S(3), S(6)}, {S(5), S(20)})},
       .musts = {StoreFaults()},
       .stores = postgres});
  add({.name = "CoordinatorCutFromWorkers",
       .title = "network: coordinator cut off from all workers",
       .scene = {.spaces = true},
       .lasts = S(75),
       .blows = {CutTheLeadFromTheWorkers({S(3), S(6)}, {S(5), S(25)})},
       .musts = {ChunksTakenBack(), InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = sqlite,
       .mend = RetryTheDead});
  add({.name = "OneWayCut",
       .title = "network: one way between coordinator and a worker cut",
       .scene = {.spaces = true},
       .lasts = S(75),
       .blows = {CutAWorkerFromTheCoordinatorOneWay({S(1), S(4)}, {S(5), S(25)})},
       .musts = {ChunksTakenBack(), InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = postgres,
       .mend = RetryTheDead});
  add({.name = "KilledLead",
       .title = "two coordinators: kill -9 of the one that leads",
       .scene = {.coordinators = 2},
       .lasts = S(75),
       .blows = {KillTheLead({S(8), S(15)}, {S(1), S(15)})},
       .musts = {InLogs("times taken over", "coordinator", "its work is taken over")},
       .stores = postgres});
  add({.name = "FrozenLead",
       .title = "two coordinators: the one that leads stands still past its time and goes on",
       .scene = {.coordinators = 2},
       .lasts = S(75),
       .blows = {FreezeTheLead({S(6), S(10)}, {S(10), S(20)})},
       .musts = {Evictions()},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = postgres,
       .mend = RetryTheDead});
  add({.name = "LeadCutFromDatabase",
       .title = "two coordinators, network: the one that leads cut off from the database",
       .scene = {.coordinators = 2, .spaces = true},
       .lasts = S(75),
       .blows = {CutTheLeadFromTheDatabase({S(6), S(10)}, {S(5), S(20)})},
       .musts = {Evictions()},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = postgres,
       .mend = RetryTheDead});
  add({.name = "LeadCutFromWorkers",
       .title = "two coordinators, network: the one that leads cut off from all workers",
       .scene = {.coordinators = 2, .spaces = true},
       .lasts = S(75),
       .blows = {CutTheLeadFromTheWorkers({S(6), S(10)}, {S(5), S(20)})},
       .musts = {InLogs("streams lost", "worker", "\"event\":\"chunk lost\"")},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = postgres,
       .mend = RetryTheDead});
  add({.name = "CoordinatorsCutApart",
       .title = "two coordinators, network: cut off from each other, not from the database",
       .scene = {.coordinators = 2, .spaces = true},
       .lasts = S(60),
       .blows = {CutTheCoordinatorsApart({S(3), S(6)}, {S(10), S(20)})},
       .stores = postgres});
  add({.name = "FlushedRedis",
       .title = "Redis: FLUSHALL",
       .blows = {FlushRedis({S(2), S(5)})},
       .musts = {HintsPushedAgain()}});
  add({.name = "RolledBackRedis",
       .title = "Redis: restart from an old snapshot",
       .blows = {RollRedisBack({S(1), S(2)}, {S(5), S(10)})},
       .musts = {ClaimsRefused()}});
  add({.name = "SleepingRedis",
       .title = "Redis: sleeps of 10 s",
       .lasts = S(60),
       .blows = {FreezeRedis({S(5), S(10)}, {S(10), S(10)})},
       .musts = {InLogs("faults of the queue", "coordinator", "\"event\":\"fault\",\"subject\":\"queue\"")}});
  add({.name = "BadWeather",
       .title = "proxies: delays of 100 to 300 ms, held up pieces (for loss), 1 Mbit",
       .scene = {.proxies = true},
       .lasts = S(60),
       .blows = {SpoilTheWeather({S(1), S(2)}, {S(8), S(12)})},
       .musts = {{"pieces held up",
                  [](Stage& stage) {
                    int64_t pieces = 0;
                    for (StreamProxy* const line : stage.Lines()) pieces += static_cast<int64_t>(line->held_up());
                    return pieces;
                  }}},
       .blameless = false,
       .may_die_of = {"crash"},
       .stores = postgres,
       .mend = RetryTheDead});
  add({.name = "SlowDisks",
       .title = "fsync takes half a second more",
       .scene = {.shim = true},
       .blows = {SlowTheDisks({S(2), S(4)}, {S(8), S(12)})}});
  add({.name = "FullDisks",
       .title = "disks of store, spool and Redis full, then freed",
       .scene = {.disks = true},
       .lasts = S(60),
       .blows = {FillTheStoresDisk({S(4), S(8)}, {S(2), S(5)}), FillTheSpoolsDisk({S(4), S(8)}, {S(2), S(5)}),
                 FillRedisDisk({S(4), S(8)}, {S(3), S(6)})},
       .musts = {StoreFaults()}});
  add({.name = "MovedClocks",
       .title = "clocks of all processes jump by 10 s to an hour and back",
       .scene = {.shim = true},
       .blows = {MoveTheClocks({S(2), S(4)}, {S(4), S(8)})}});
  add({.name = "DoubledHints",
       .title = "hints five times over, of done and unknown chunks, too",
       .blows = {DoubleTheHints({MS(300), MS(700)})},
       .musts = {ClaimsRefused()}});
  add({.name = "CutCommits",
       .title = "the database cut off between COMMIT and its answer",
       .scene = {.proxies = true},
       .blows = {CutACommit({MS(200), S(1)})},
       .musts = {{"cuts", [](Stage& stage) { return stage.database_line().cuts(); }},
                 InLogs("outcomes read back", "coordinator", "the outcome of the transaction is known")},
       .stores = postgres});
  add(PoisonedPage(2, "PoisonedPage", "chunks whose second page kills their workers"));
  add(PoisonedPage(1, "PoisonedFirstPage", "chunks whose first page kills their workers"));
  const auto admin_calls = std::make_shared<std::atomic<int64_t>>(0);
  add({.name = "BusyOperators",
       .title = "four operators at once (pause, resume, cancel, retry, backfill, lists), and chunks split",
       .scene = {.days = 20, .wide = true},
       .blows = {CallAsAdmin({MS(100), MS(200)}, admin_calls), SplitAChunk({S(3), S(6)})},
       .musts = {{"admin calls", [admin_calls](Stage&) { return admin_calls->load(); }},
                 {"runs cancelled",
                  [](Stage& stage) {
                    return stage.Ask("SELECT count(*) FROM tikhaul_run WHERE state = 'cancelled'").value_or(0);
                  }},
                 {"chunks split",
                  [](Stage& stage) {
                    return stage.Ask("SELECT count(*) FROM tikhaul_chunk WHERE state = 'split'").value_or(0);
                  }}},
       .may_cancel = true,
       .mend = ResumeAndReadAll});
  add({.name = "RollingUpgrade",
       .title = "rolling restarts between two releases' messages",
       .scene = {.old_release = true},
       .lasts = S(60),
       .blows = {RollOneProcess({S(2), S(4)})},
       .musts = {{"messages shortened", [](Stage& stage) { return stage.old_release().shortened(); }}},
       .stores = postgres});
  return storms;
}

}  // namespace

const std::vector<Storm>& Storms() {
  static const auto* const storms = new std::vector<Storm>(All());
  return *storms;
}

}  // namespace tikhaul
