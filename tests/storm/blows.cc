#include "tests/storm/blows.h"

#include <signal.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tikhaul::blows {
namespace {

constexpr absl::Duration kMoment = absl::Milliseconds(50);

Blow KillAndRestart(std::string name, Span every, Span down, std::function<std::string(Stage&)> pick) {
  return {.name = std::move(name), .every = every, .strike = [down, pick = std::move(pick)](Stage& stage) {
            const std::string process = pick(stage);
            if (!process.empty()) stage.Kill(process, stage.dice().Between(down.least, down.most));
          }};
}

std::string AnyWorker(Stage& stage) {
  const std::vector<std::string> running = stage.RunningWorkers();
  return running.empty() ? "" : stage.dice().Pick(running);
}

std::string AnyCoordinator(Stage& stage) { return stage.dice().Pick(stage.CoordinatorNames()); }

void Signal(Stage& stage, const std::string& process, int signal) {
  if (stage.cluster().Running(process)) kill(stage.cluster().Pid(process), signal);
}

// The mend of a blow must know whom it struck: they share it.
Blow Freeze(std::string name, Span every, Span hold, std::function<std::string(Stage&)> pick) {
  const auto victim = std::make_shared<std::string>();
  return {.name = std::move(name),
          .every = every,
          .strike =
              [victim, pick = std::move(pick)](Stage& stage) {
                *victim = pick(stage);
                if (!victim->empty()) Signal(stage, *victim, SIGSTOP);
              },
          .hold = hold,
          .mend =
              [victim](Stage& stage) {
                if (!victim->empty()) Signal(stage, *victim, SIGCONT);
              }};
}

using Lines = std::vector<std::pair<int, int>>;  // one way each, by namespace

Blow Cut(std::string name, Span every, Span hold, std::function<Lines(Stage&)> pick) {
  const auto lines = std::make_shared<Lines>();
  return {.name = std::move(name),
          .every = every,
          .strike =
              [lines, pick = std::move(pick)](Stage& stage) {
                *lines = pick(stage);
                for (const auto& [from, to] : *lines) stage.spaces().Cut(from, to);
              },
          .hold = hold,
          .mend =
              [lines](Stage& stage) {
                for (const auto& [from, to] : *lines) stage.spaces().Join(from, to);
              }};
}

void AddBothWays(int one, int other, Lines* lines) {
  lines->emplace_back(one, other);
  lines->emplace_back(other, one);
}

std::string KeyOfHints(Stage& stage) {
  // "*1", "$31", the key.
  const std::vector<std::string> answer =
      absl::StrSplit(stage.cluster().redis().Ask("KEYS tikhaul:*:hints"), "\r\n", absl::SkipEmpty());
  return answer.size() == 3 ? answer[2] : "";
}

// One who runs tikhaul, in a thread of its own.
class Operator {
 public:
  // `until_cancel`: the call with which it cancels a run in any case; 0: none.
  Operator(Stage& stage, uint32_t seed, Span every, int until_cancel, std::atomic<int64_t>& calls)
      : stage_(stage), dice_(seed), every_(every), until_cancel_(until_cancel), calls_(calls), thread_([this] {
          Work();
        }) {}
  ~Operator() {
    stopping_ = true;
    thread_.join();
  }

 private:
  void Work() {
    while (!stopping_) {
      AnyCall();
      tikhaul::SleepFor(dice_.Between(every_.least, every_.most));
    }
  }

  template <typename Request, typename Response>
  std::optional<Response> Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const Request& request) {
    std::optional<Response> answer = stage_.Call(method, request);
    if (answer.has_value()) ++calls_;
    return answer;
  }

  template <typename Request, typename Response>
  void CallForAScope(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
    const std::vector<std::pair<std::string, std::string>> scopes = {
        {"all", ""}, {"connection", "main"}, {"extract", "ads_hourly"}, {"extract", "adverts"}};
    const auto [scope, name] = dice_.Pick(scopes);
    Request request;
    request.set_scope(scope);
    request.set_name(name);
    Call(method, request);
  }

  // Each costs the quota of a whole backfill.
  void CancelARunAndAskAgain() {
    const auto status = Call(&v1::Admin::Stub::GetStatus, v1::GetStatusRequest());
    if (status.has_value() && status->runs_size() > 0) {
      v1::CancelRequest request;
      request.set_run_id(status->runs(static_cast<int>(dice_.Below(status->runs_size()))).id());
      Call(&v1::Admin::Stub::Cancel, request);
    }
    v1::BackfillRequest request;
    request.set_again_key(absl::StrCat("storm ", dice_.random()()));
    Call(&v1::Admin::Stub::Backfill, request);
  }

  // Much more often the words that let work go on than those that end it.
  void AnyCall() {
    const size_t which = dice_.Below(200);
    if (which < 1 || --until_cancel_ == 0) return CancelARunAndAskAgain();
    if (which < 30) return CallForAScope(&v1::Admin::Stub::Pause);
    if (which < 60) return static_cast<void>(Call(&v1::Admin::Stub::Retry, v1::RetryRequest()));
    if (which < 80) return static_cast<void>(Call(&v1::Admin::Stub::ListLedger, v1::ListLedgerRequest()));
    if (which < 100) return static_cast<void>(Call(&v1::Admin::Stub::ListCursors, v1::ListCursorsRequest()));
    CallForAScope(&v1::Admin::Stub::Resume);
  }

  Stage& stage_;
  Dice dice_;
  const Span every_;
  int until_cancel_;
  std::atomic<int64_t>& calls_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace

Blow KillAWorker(Span every, Span down) { return KillAndRestart("kill -9 of a worker", every, down, AnyWorker); }

Blow KillACoordinator(Span every, Span down) {
  return KillAndRestart("kill -9 of a coordinator", every, down, AnyCoordinator);
}

Blow KillTheLead(Span every, Span down) {
  return KillAndRestart("kill -9 of the lead", every, down, [](Stage& stage) { return stage.Lead(); });
}

Blow KillRedis(Span every, Span down) {
  return {.name = "kill -9 of Redis",
          .every = every,
          .strike = [](Stage& stage) { stage.cluster().redis().Kill(); },
          .hold = down,
          .mend = [](Stage& stage) { stage.cluster().redis().Start(); }};
}

Blow KillPostgres(Span every, Span down) {
  return {.name = "immediate stop of PostgreSQL",
          .every = every,
          .strike =
              [](Stage& stage) {
                if (stage.on_postgres()) stage.postgres().Kill();
              },
          .hold = down,
          .mend =
              [](Stage& stage) {
                if (stage.on_postgres()) stage.postgres().Start();
              }};
}

Blow FreezeAWorker(Span every, Span hold) { return Freeze("SIGSTOP of a worker", every, hold, AnyWorker); }

Blow FreezeTheLead(Span every, Span hold) {
  return Freeze("SIGSTOP of the lead", every, hold, [](Stage& stage) { return stage.Lead(); });
}

Blow FreezeRedis(Span every, Span hold) {
  return {.name = "sleep of Redis",
          .every = every,
          .strike = [](Stage& stage) { stage.cluster().redis().Freeze(); },
          .hold = hold,
          .mend = [](Stage& stage) { stage.cluster().redis().Thaw(); }};
}

Blow CutOffWorkers(size_t count, Span every, Span hold) {
  return Cut(absl::StrCat("cut off of ", count, count == 1 ? " worker" : " workers"), every, hold,
             [count](Stage& stage) {
               std::vector<std::string> workers = Stage::WorkerNames();
               std::shuffle(workers.begin(), workers.end(), stage.dice().random());
               Lines lines;
               for (size_t i = 0; i < count; ++i) {
                 for (const char* const other : {"coordinator", "coordinator-1", "redis", "simulator"})
                   AddBothWays(stage.SpaceOf(workers[i]), stage.SpaceOf(other), &lines);
               }
               return lines;
             });
}

Blow CutTheLeadFromTheDatabase(Span every, Span hold) {
  return Cut("cut between lead and database", every, hold, [](Stage& stage) {
    const std::string lead = stage.Lead();
    Lines lines;
    if (!lead.empty()) AddBothWays(stage.SpaceOf(lead), stage.SpaceOf("postgres"), &lines);
    return lines;
  });
}

Blow CutTheLeadFromTheWorkers(Span every, Span hold) {
  return Cut("cut between lead and workers", every, hold, [](Stage& stage) {
    const std::string lead = stage.Lead();
    Lines lines;
    for (const std::string& worker : Stage::WorkerNames()) {
      if (!lead.empty()) AddBothWays(stage.SpaceOf(lead), stage.SpaceOf(worker), &lines);
    }
    return lines;
  });
}

Blow CutTheCoordinatorsApart(Span every, Span hold) {
  return Cut("cut between the coordinators", every, hold, [](Stage& stage) {
    Lines lines;
    AddBothWays(stage.SpaceOf("coordinator"), stage.SpaceOf("coordinator-1"), &lines);
    return lines;
  });
}

Blow CutAWorkerFromTheCoordinatorOneWay(Span every, Span hold) {
  return Cut("cut of one way between coordinator and a worker", every, hold, [](Stage& stage) {
    const int worker = stage.SpaceOf(stage.dice().Pick(Stage::WorkerNames()));
    const int coordinator = stage.SpaceOf(AnyCoordinator(stage));
    return stage.dice().Below(2) == 0 ? Lines{{worker, coordinator}} : Lines{{coordinator, worker}};
  });
}

Blow FlushRedis(Span every) {
  return {.name = "FLUSHALL", .every = every, .strike = [](Stage& stage) {
            if (stage.cluster().redis().running()) stage.cluster().redis().FlushAll();
          }};
}

Blow RollRedisBack(Span every, Span age) {
  return {.name = "restart of Redis from an old snapshot",
          .every = every,
          .strike = [](Stage& stage) { EXPECT_EQ(stage.cluster().redis().Ask("SAVE"), "+OK\r\n"); },
          .hold = age,
          .mend =
              [](Stage& stage) {
                stage.cluster().redis().Kill();
                stage.cluster().redis().Start();
              }};
}

Blow SpoilTheWeather(Span every, Span hold) {
  return {.name = "bad weather",
          .every = every,
          .strike =
              [](Stage& stage) {
                const std::vector<Weather> weathers = {
                    {.delay = absl::Milliseconds(100), .jitter = absl::Milliseconds(200)},
                    {.held_up_percent = 5, .held_up = absl::Milliseconds(400)},
                    {.delay = absl::Milliseconds(20), .bytes_per_second = 1'000'000 / 8}};
                const Weather weather = stage.dice().Pick(weathers);
                for (StreamProxy* const line : stage.Lines()) line->SetWeather(weather);
              },
          .hold = hold,
          .mend =
              [](Stage& stage) {
                for (StreamProxy* const line : stage.Lines()) line->SetWeather({});
              }};
}

Blow CutACommit(Span every) {
  return {.name = "cut at a COMMIT", .every = every, .strike = [](Stage& stage) {
            const bool after = stage.dice().Below(4) > 0;  // the nastier half more often
            stage.database_line().CutNext(after ? PostgresProxy::Cut::kAfterCommit : PostgresProxy::Cut::kBeforeCommit);
          }};
}

Blow SlowTheDisks(Span every, Span hold) {
  return {.name = "fsync takes 500 ms more",
          .every = every,
          .strike = [](Stage& stage) { stage.shim().SlowFsync(absl::Milliseconds(500)); },
          .hold = hold,
          .mend = [](Stage& stage) { stage.shim().SlowFsync(absl::ZeroDuration()); }};
}

Blow MoveTheClocks(Span every, Span hold) {
  return {.name = "jump of the clocks",
          .every = every,
          .strike =
              [](Stage& stage) {
                const std::vector<absl::Duration> jumps = {absl::Hours(1), -absl::Hours(1), absl::Seconds(10),
                                                           -absl::Seconds(10), absl::Minutes(2)};
                stage.shim().MoveClock(stage.dice().Pick(jumps));
              },
          .hold = hold,
          .mend = [](Stage& stage) { stage.shim().MoveClock(absl::ZeroDuration()); }};
}

Blow FillTheStoresDisk(Span every, Span hold) {
  return {.name = "full disk of the store",
          .every = every,
          .strike = [](Stage& stage) { stage.store_disk().Fill(); },
          .hold = hold,
          .mend =
              [](Stage& stage) {
                stage.store_disk().Free();
                // PostgreSQL gives up when its log has no room.
                if (stage.on_postgres() && stage.postgres().Ended()) stage.postgres().Start();
              }};
}

Blow FillTheSpoolsDisk(Span every, Span hold) {
  return {.name = "full disk of the spool",
          .every = every,
          .strike = [](Stage& stage) { stage.spool_disk().Fill(); },
          .hold = hold,
          .mend = [](Stage& stage) { stage.spool_disk().Free(); }};
}

// As Redis is often run: it saves snapshots, and takes no writes while it cannot.
Blow FillRedisDisk(Span every, Span hold) {
  return {.name = "full disk of Redis",
          .every = every,
          .strike =
              [](Stage& stage) {
                stage.redis_disk().Fill();
                RedisServer& redis = stage.cluster().redis();
                EXPECT_EQ(redis.Ask("CONFIG SET dir " + stage.redis_disk().path()), "+OK\r\n");
                EXPECT_EQ(redis.Ask("CONFIG SET save \"1 1\""), "+OK\r\n");
              },
          .hold = hold,
          .mend =
              [](Stage& stage) {
                stage.redis_disk().Free();
                EXPECT_TRUE(Eventually([&] {
                  const std::string answer = stage.cluster().redis().Ask("SAVE");
                  if (answer != "+OK\r\n") tikhaul::SleepFor(kMoment);  // one may be under way
                  return answer == "+OK\r\n";
                }));
                EXPECT_EQ(stage.cluster().redis().Ask("CONFIG SET save \"\""), "+OK\r\n");
              }};
}

Blow DoubleTheHints(Span every) {
  return {.name = "hints five times over", .every = every, .strike = [](Stage& stage) {
            const std::string key = KeyOfHints(stage);
            const int64_t last = stage.Ask("SELECT coalesce(max(id), 0) FROM tikhaul_chunk").value_or(0);
            if (key.empty()) return;
            std::vector<int64_t> chunks;
            for (int i = 0; i < 10; ++i) {
              const auto chunk = static_cast<int64_t>(stage.dice().Below(static_cast<size_t>(last) + 20)) + 1;
              chunks.insert(chunks.end(), 5, chunk);
            }
            std::shuffle(chunks.begin(), chunks.end(), stage.dice().random());
            for (const int64_t chunk : chunks) stage.cluster().redis().Ask(absl::StrCat("XADD ", key, " * c ", chunk));
          }};
}

Blow CallAsAdmin(Span every, std::shared_ptr<std::atomic<int64_t>> calls) {
  constexpr int kOperators = 4;
  const auto operators = std::make_shared<std::vector<std::unique_ptr<Operator>>>();
  return {.name = "operators",
          .every = {absl::ZeroDuration(), absl::ZeroDuration()},
          .strike =
              [every, calls, operators](Stage& stage) {
                for (int i = 0; i < kOperators; ++i)
                  operators->push_back(
                      std::make_unique<Operator>(stage, stage.dice().random()(), every, i == 0 ? 10 : 0, *calls));
              },
          .hold = {absl::Hours(1), absl::Hours(1)},
          .mend = [operators](Stage&) { operators->clear(); }};
}

Blow SplitAChunk(Span every) {
  return {.name = "answer too large", .every = every, .strike = [](Stage& stage) {
            stage.cluster().Fault(
                R"({"kind":"code","code":40067,"message":"The answer would be too large","times":1,)"
                R"("match":{"path":"report/integrated/get/","dimensions":"[\"ad_id\",\"stat_time_day\"]"}})");
          }};
}

Blow RollOneProcess(Span every) {
  const auto turn = std::make_shared<size_t>(0);
  return {.name = "process rolled to the other release", .every = every, .strike = [turn](Stage& stage) {
            std::vector<std::string> processes = stage.CoordinatorNames();
            for (const std::string& worker : Stage::WorkerNames()) processes.push_back(worker);
            const std::string process = processes[*turn % processes.size()];
            if (!stage.cluster().Running(process)) return;
            stage.cluster().Term(process);
            // All of them to the old release, one after the other, and in the next round back.
            stage.SetOldRelease(process, *turn / processes.size() % 2 == 0);
            ++*turn;
          }};
}

}  // namespace tikhaul::blows
