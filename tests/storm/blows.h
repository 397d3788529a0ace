// What can be done to a stage.
#ifndef TIKHAUL_TESTS_STORM_BLOWS_H_
#define TIKHAUL_TESTS_STORM_BLOWS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/storm/storm.h"

namespace tikhaul::blows {

// kill -9; a supervisor starts them again after `down`.
Blow KillAWorker(Span every, Span down);
Blow KillACoordinator(Span every, Span down);
Blow KillTheLead(Span every, Span down);
Blow KillRedis(Span every, Span down);
Blow KillPostgres(Span every, Span down);  // -m immediate; nothing where the store is a file

// SIGSTOP, SIGCONT.
Blow FreezeAWorker(Span every, Span hold);
Blow FreezeTheLead(Span every, Span hold);
Blow FreezeRedis(Span every, Span hold);  // as DEBUG SLEEP

// Lines of namespaces.
Blow CutOffWorkers(size_t count, Span every, Span hold);  // from everything
Blow CutTheLeadFromTheDatabase(Span every, Span hold);
Blow CutTheLeadFromTheWorkers(Span every, Span hold);
Blow CutTheCoordinatorsApart(Span every, Span hold);
// Half of the time what it says is not heard, half of the time it hears nothing.
Blow CutAWorkerFromTheCoordinatorOneWay(Span every, Span hold);

Blow FlushRedis(Span every);
// Redis dies and comes back with what it held `age` ago.
Blow RollRedisBack(Span every, Span age);

// Proxies.
Blow SpoilTheWeather(Span every, Span hold);
Blow CutACommit(Span every);

// The shim.
Blow SlowTheDisks(Span every, Span hold);
Blow MoveTheClocks(Span every, Span hold);

Blow FillTheStoresDisk(Span every, Span hold);
Blow FillTheSpoolsDisk(Span every, Span hold);
Blow FillRedisDisk(Span every, Span hold);

// Five of each hint, in random order, for chunks in any state and for some that never were.
Blow DoubleTheHints(Span every);
// Four operators at once, each with a call after each such pause, for as long as the storm blows. `calls` counts those
// that were answered.
Blow CallAsAdmin(Span every, std::shared_ptr<std::atomic<int64_t>> calls);
// The API says that a chunk of many days (Scene::wide) is too large to be answered: it is split.
Blow SplitAChunk(Span every);
// One process after the other is stopped in order and comes back as of the other release.
Blow RollOneProcess(Span every);

}  // namespace tikhaul::blows

#endif  // TIKHAUL_TESTS_STORM_BLOWS_H_
