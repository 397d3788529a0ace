// Asynchronous reports: POST report/task/create/, GET report/task/check/, GET report/task/download/, POST
// report/task/cancel/ (tiktok-api.md 5).
#ifndef TIKHAUL_SIMULATOR_REPORT_TASKS_H_
#define TIKHAUL_SIMULATOR_REPORT_TASKS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/report_query.h"

namespace tikhaul::simulator {

// What a scripted fault does to a task: how it ends ("FAILED", "CANCELED", "PROCESSING": never, "EXPIRED": its result
// is gone before anybody has it) and how much longer it takes.
struct TaskTwist {
  std::string ends;
  std::string message;
  absl::Duration longer = absl::ZeroDuration();
};

// Thread-safe. Borrows the data set. Times are the simulator's: a task goes on while they are moved. A task waits for a
// quarter of its time and works for the rest. Its figures are those of the moment in which it was made; a day later it
// is forgotten.
class ReportTasks {
 public:
  // `takes`: from the making of a task to its end.
  ReportTasks(const DataSet& data_set, absl::Duration takes) : data_set_(data_set), takes_(takes) {}

  EndpointAnswer Create(const Call& call, absl::Time now, const TaskTwist& twist);
  EndpointAnswer Check(const Call& call, absl::Time now);
  EndpointAnswer Download(const Call& call, absl::Time now);
  EndpointAnswer Cancel(const Call& call, absl::Time now);
  // GET of a download_url: the path below the host. A refusal means HTTP 403: unknown, or older than an hour.
  EndpointAnswer File(const std::string& path, absl::Time now);

  // The head of every download_url's path.
  static constexpr char kFiles[] = "/files/report/";

 private:
  struct Task {
    ReportQuery query;
    std::vector<const Account*> accounts;
    std::string format, file_name;
    bool titles = true;  // display texts as column heads
    absl::Time made, begins, ends;
    TaskTwist twist;
    bool cancelled = false;
  };
  static std::string StatusOf(const Task& task, absl::Time now);
  std::optional<Task> Find(const std::string& id, absl::Time now);
  // Of a call that names one; a refusal when there is none.
  std::optional<Refusal> Find(const Call& call, absl::Time now, std::string* id, Task* task);
  void Forget(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const DataSet& data_set_;
  const absl::Duration takes_;
  Mutex mu_;
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, Task> tasks_ ABSL_GUARDED_BY(mu_);
};

// The members of a POST's body as parameters: texts as they are, the rest as JSON text. 40002 when the body is not an
// object, or a member has another type than the sheet gives it.
std::optional<Refusal> ReadTaskBody(const std::string& body, std::map<std::string, std::string>* params);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_REPORT_TASKS_H_
