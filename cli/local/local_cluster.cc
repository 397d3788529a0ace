#include "cli/local/local_cluster.h"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/admin_client.h"
#include "cli/format.h"
#include "common/base/status_macros.h"
#include "common/redis/redis.h"

namespace tikhaul {
namespace {

// A child that has run this long has recovered: its next death starts the pauses anew.
constexpr absl::Duration kRecovered = absl::Minutes(1);
constexpr absl::Duration kLookInterval = absl::Milliseconds(50);

bool AnswersPing(const std::string& socket_path, const std::string& url) {
  if (access(socket_path.c_str(), F_OK) != 0) return false;
  RedisConnection redis(RedisOptions{url});
  const absl::StatusOr<RedisReply> reply = redis.Command({"PING"});
  return reply.ok() && reply->text == "PONG";
}

// By a new client each time: one whose first attempt failed would wait before the next.
bool Serves(const std::string& address, const Dialer& dialer) {
  AdminClient client(address, dialer);
  return client.Connect(absl::Seconds(1)).ok() && client.Serving();
}

// "host:port" with a port that lies `count` further.
std::string PortsAfter(const std::string& address, int count) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port)) return address;
  return absl::StrCat(address.substr(0, colon + 1), port + count);
}

}  // namespace

LocalCluster::LocalCluster(LocalClusterOptions options, LocalFolder folder, const Clock& clock)
    : options_(std::move(options)), folder_(std::move(folder)), clock_(clock) {}

LocalCluster::~LocalCluster() { Stop(); }

absl::Status LocalCluster::Start(const Waiter& wait) {
  if (AdminClient(options_.coordinator_address, options_.dialer).Connect(absl::Seconds(1)).ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a coordinator already answers at ", options_.coordinator_address,
        ": `tikhaul status` shows what it does and `tikhaul backfill` gives it work; to run another one beside "
        "it, give that one its own coordinator.listen and its own store"));
  }
  if (options_.private_redis) RETURN_IF_ERROR(StartRedis(wait));
  RETURN_IF_ERROR(StartCoordinator(wait));
  return StartWorkers();
}

absl::Status LocalCluster::AddMember(const std::string& name, std::vector<std::string> arguments) {
  Member member;
  member.spec = {name, std::move(arguments), folder_.NewLog(name)};
  ASSIGN_OR_RETURN(member.process, ChildProcess::Start(member.spec));
  member.started = clock_.Monotonic();
  members_.push_back(std::move(member));
  return absl::OkStatus();
}

absl::Status LocalCluster::StartRedis(const Waiter& wait) {
  const std::string socket_path = absl::StrCat(folder_.socket_folder(), "/redis.sock");
  std::error_code error;
  std::filesystem::remove(socket_path, error);  // of an earlier run that was killed
  const absl::Status started =
      AddMember("redis", {"redis-server", "--port", "0", "--unixsocket", socket_path, "--unixsocketperm", "700",
                          "--save", "", "--appendonly", "no", "--dir", folder_.path(), "--daemonize", "no"});
  if (absl::IsNotFound(started)) {
    return absl::NotFoundError(
        absl::StrCat(started.message(),
                     ": install it (Debian: apt-get install redis-server), or name a Redis of your own "
                     "as `redis:` in the configuration"));
  }
  RETURN_IF_ERROR(started);
  redis_url_ = absl::StrCat("unix:", socket_path);
  return AwaitNewest([&] { return AnswersPing(socket_path, redis_url_); }, wait);
}

std::vector<std::string> LocalCluster::CommonArguments(const std::string& program) const {
  std::vector<std::string> arguments = {absl::StrCat(options_.binaries, "/", program), "--config",
                                        options_.config_path};
  // One that the configuration names may hold a password, and arguments are for all to see.
  if (options_.private_redis) arguments.insert(arguments.end(), {"--redis", redis_url_});
  if (options_.clock_offset != absl::ZeroDuration()) {
    arguments.insert(arguments.end(), {"--clock-offset", absl::StrCat(absl::ToInt64Seconds(options_.clock_offset))});
  }
  return arguments;
}

absl::Status LocalCluster::StartCoordinator(const Waiter& wait) {
  std::vector<std::string> arguments = CommonArguments("tikhaul-coordinator");
  if (!options_.listen.empty()) arguments.insert(arguments.end(), {"--listen", options_.listen});
  if (options_.workers == 0) arguments.push_back("--only-answer");
  RETURN_IF_ERROR(AddMember("coordinator", std::move(arguments)));
  return AwaitNewest([this] { return Serves(options_.coordinator_address, options_.dialer); }, wait);
}

absl::Status LocalCluster::StartWorkers() {
  for (int i = 1; i <= options_.workers; ++i) {
    std::vector<std::string> arguments = CommonArguments("tikhaul-worker");
    const std::string name = absl::StrCat("local-", i);
    arguments.insert(arguments.end(), {"--coordinator", options_.coordinator_address, "--name", name});
    if (i > 1 && !options_.worker_http.empty())
      arguments.insert(arguments.end(), {"--http", PortsAfter(options_.worker_http, i - 1)});
    RETURN_IF_ERROR(AddMember(absl::StrCat("worker-", name), std::move(arguments)));
  }
  return absl::OkStatus();
}

absl::Status LocalCluster::AwaitNewest(const std::function<bool()>& ready, const Waiter& wait) {
  Member& newest = members_.back();
  const absl::Duration deadline = clock_.Monotonic() + options_.start_patience;
  while (!ready()) {
    if (const std::optional<std::string> end = newest.process->Ended()) {
      const std::string words = LastComplaint(newest.spec.log_path);
      return absl::FailedPreconditionError(
          absl::StrCat("the ", newest.spec.name, " did not start (", *end, ")", words.empty() ? "" : ":\n", words));
    }
    if (clock_.Monotonic() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat("the ", newest.spec.name, " is not ready after ",
                                                      HumanDuration(options_.start_patience), ": see ",
                                                      newest.spec.log_path));
    }
    if (wait(kLookInterval)) return absl::CancelledError("stopped while starting");
  }
  return absl::OkStatus();
}

std::vector<std::string> LocalCluster::Tend() {
  std::vector<std::string> notes;
  for (Member& member : members_) TendMember(member, notes);
  return notes;
}

void LocalCluster::TendMember(Member& member, std::vector<std::string>& notes) {
  const absl::Duration now = clock_.Monotonic();
  if (member.process.has_value()) {
    const std::optional<std::string> end = member.process->Ended();
    if (!end.has_value()) return;
    member.failures = now - member.started > kRecovered ? 1 : member.failures + 1;
    const absl::Duration pause = BackoffDelay(options_.restart, member.failures, RandomUnit());
    member.process.reset();
    member.start_at = now + pause;
    notes.push_back(absl::StrCat(member.spec.name, " ended (", *end, "); it starts again in ",
                                 absl::FormatDuration(absl::Trunc(pause, absl::Milliseconds(100))), "; its log is ",
                                 member.spec.log_path));
  }
  if (!member.start_at.has_value() || now < *member.start_at) return;
  member.started = now;
  absl::StatusOr<ChildProcess> process = ChildProcess::Start(member.spec);
  if (process.ok()) {
    member.process = std::move(*process);
    member.start_at.reset();
    return;
  }
  member.start_at = now + BackoffDelay(options_.restart, ++member.failures, RandomUnit());
  notes.emplace_back(process.status().message());
}

void LocalCluster::Stop() {
  const auto is_worker = [](const Member& member) { return absl::StartsWith(member.spec.name, "worker-"); };
  for (Member& member : members_) {
    if (is_worker(member) && member.process.has_value()) member.process->Terminate();
  }
  const absl::Duration deadline = clock_.Monotonic() + options_.stop_patience;
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (!member->process.has_value()) continue;
    const absl::Duration patience =
        is_worker(*member) ? std::max(absl::ZeroDuration(), deadline - clock_.Monotonic()) : options_.stop_patience;
    member->process->Stop(patience);
  }
  members_.clear();
}

}  // namespace tikhaul
