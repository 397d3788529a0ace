#include "tests/support/cluster.h"

#include <grpcpp/grpcpp.h>
#include <httplib.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/civil.h"
#include "common/base/files.h"
#include "tests/support/eventually.h"
#include "tests/support/postgres_mirror.h"

namespace tikhaul {
namespace {

// The simulator's credentials (simulator/README.md).
constexpr char kAppId[] = "7000000000000000001";
constexpr char kAppSecret[] = "sim-secret-0123456789abcdef";
constexpr char kToken[] = "sim-token-0123456789abcdef";
constexpr size_t kLogLines = 60;
constexpr absl::Duration kCallDeadline = kPatience;

std::string Binaries() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

void WriteFile(const std::string& path, const std::string& contents) {
  std::ofstream(path, std::ios::trunc) << contents;
}

std::string LastLines(const std::string& text, size_t count) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::string last;
  for (size_t i = lines.size() > count ? lines.size() - count : 0; i < lines.size(); ++i)
    absl::StrAppend(&last, lines[i], "\n");
  return last;
}

absl::Time ParseInstant(const std::string& text) {
  absl::Time instant;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &instant, &error)) << text << ": " << error;
  return instant;
}

bool SomebodyListens(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answers = connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0;
  close(fd);
  return answers;
}

std::string CoordinatorName(int index) { return index == 0 ? "coordinator" : absl::StrCat("coordinator-", index); }
std::string SocketOf(int index) { return index == 0 ? "c.sock" : absl::StrCat("c", index, ".sock"); }

}  // namespace

TestCluster::TestCluster(ClusterOptions options)
    : options_(std::move(options)), redis_(options_.redis), simulator_now_(options_.now) {
  WriteFile(TokenPath(), absl::StrCat(kToken, "\n"));
  WriteFile(Path("secret"), absl::StrCat(kAppSecret, "\n"));
  StartSimulator();
}

TestCluster::~TestCluster() {
  for (auto& [name, process] : processes_) {
    // Workers and coordinator first would be kinder; here nothing needs to be kept.
    kill(process.pid(), SIGKILL);
  }
  if (!testing::Test::HasFailure()) return;
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    if (file.path().extension() != ".log") continue;
    std::fprintf(stderr, "----- end of %s -----\n%s\n", file.path().filename().c_str(),
                 LastLines(Log(file.path().stem()), kLogLines).c_str());
  }
}

std::string TestCluster::Token() { return kToken; }

SqlRows TestCluster::Query(const std::string& sql) const { return QueryFile(StoreFile(), sql); }

std::string TestCluster::StoreFile() const {
  if (options_.postgres.empty()) return StorePath();
  MirrorPostgres(options_.postgres, options_.schema, Path("copy.db"));
  return Path("copy.db");
}

std::string TestCluster::StorePath() const { return options_.store[0] == '/' ? options_.store : Path(options_.store); }

void TestCluster::Start() {
  for (int i = 0; i < options_.coordinators; ++i) StartCoordinator({}, i);
  for (int i = 0; i < options_.coordinators; ++i) AwaitCoordinator(kPatience, i);
  for (int i = 0; i < options_.workers; ++i) StartWorker(i);
}

void TestCluster::Launch(const std::string& name, std::vector<std::string> arguments) {
  EXPECT_EQ(processes_.count(name), 0u) << name << " runs already";
  if (options_.more_flags) {
    const std::vector<std::string> more = options_.more_flags(name);
    arguments.insert(arguments.end(), more.begin(), more.end());
  }
  if (options_.run_under) {
    const std::vector<std::string> before = options_.run_under(name);
    arguments.insert(arguments.begin(), before.begin(), before.end());
  }
  absl::StatusOr<ChildProcess> process =
      ChildProcess::Start({.name = name, .arguments = std::move(arguments), .log_path = Path(name + ".log")});
  if (!process.ok()) {
    ADD_FAILURE() << process.status();
    return;
  }
  processes_.emplace(name, *std::move(process));
}

void TestCluster::StartSimulator() {
  const std::string port_file = Path("port");
  std::filesystem::remove(port_file);
  std::vector<std::string> arguments = {Binaries() + "/tikhaul-simulator",
                                        "--dataset",
                                        options_.data_set,
                                        "--now",
                                        simulator_now_,
                                        "--listen",
                                        absl::StrCat(options_.simulator_host, ":", simulator_port_),
                                        "--port-file",
                                        port_file,
                                        "--per-second",
                                        absl::StrCat(options_.per_second),
                                        "--per-minute",
                                        absl::StrCat(options_.per_minute),
                                        "--per-day",
                                        "10000000",
                                        "--latency-ms",
                                        absl::StrCat(options_.latency_ms)};
  arguments.insert(arguments.end(), options_.simulator_flags.begin(), options_.simulator_flags.end());
  Launch("simulator", std::move(arguments));
  std::string port;
  EXPECT_TRUE(Eventually([&] { return !(port = ReadFile(port_file).value_or("")).empty(); })) << Log("simulator");
  simulator_port_ = std::atoi(port.c_str());
}

void TestCluster::WriteConfig() {
  const ClusterOptions& o = options_;
  const std::string& postgres = o.coordinator_postgres.empty() ? o.postgres : o.coordinator_postgres;
  // In one step: a program that starts reads it meanwhile.
  WriteFile(
      Path("tikhaul.yaml.new"),
      absl::StrCat(
          "app: {id: \"", kAppId, "\", secret_file: secret}\n",                                     //
          "connections:\n  - {name: main, token_file: token, advertisers: ", o.advertisers, "}\n",  //
          "extracts:\n", o.extracts,                                                                //
          "store: \"", postgres.empty() ? absl::StrCat("sqlite:", StorePath()) : postgres, "\"\n",
          "store_options: {schema: \"", o.schema, "\"", o.store_options.empty() ? "" : ", ", o.store_options, "}\n",
          "redis: \"", RedisUrl(), "\"\n",  //
          o.redis_options.empty() ? "" : absl::StrCat("redis_options: {", o.redis_options, "}\n"),
          "api: {base_url: \"http://127.0.0.1:", simulator_port_, "/open_api/v1.3/\"}\n",  //
          "quota: {per_second: ", o.per_second, ", per_minute: ", o.per_minute, ", per_day: 10000000",
          o.quota.empty() ? "" : ", ", o.quota, "}\n", "coordinator: {listen: \"", o.listen, "\", spool_dir: spool",  //
          o.coordinators > 1 ? absl::StrCat(", addresses: [\"", absl::StrJoin(Addresses(), "\", \""), "\"]") : "",
          o.coordinator.empty() ? "" : ", ", o.coordinator, "}\n",  //
          "worker: {slots: ", o.slots, ", pages_in_flight: 16}\n", o.config));
  std::filesystem::rename(Path("tikhaul.yaml.new"), Path("tikhaul.yaml"));
}

std::string TestCluster::RedisUrl() const {
  if (options_.redis.password.empty()) return redis_.url();
  return absl::StrReplaceAll(redis_.url(), {{"redis://", absl::StrCat("redis://:", options_.redis.password, "@")}});
}

// From the real time to the simulator's; while it is down, to the time at which it will start again.
int64_t TestCluster::ClockOffset() {
  const absl::Time now = Running("simulator") ? VirtualNow() : ParseInstant(simulator_now_);
  return absl::ToInt64Seconds(now - SystemClock().Now());
}

std::vector<std::string> TestCluster::Addresses() const {
  if (!options_.addresses.empty()) return options_.addresses;
  if (options_.coordinators == 1) return {"unix:" + Path("c.sock")};
  std::vector<std::string> addresses;
  for (int i = 0; i < options_.coordinators; ++i) addresses.push_back("unix:" + Path(SocketOf(i)));
  return addresses;
}

void TestCluster::StartCoordinator(const std::vector<std::string>& prefix, int index) {
  WriteConfig();
  std::vector<std::string> arguments = prefix;
  arguments.insert(arguments.end(), {Binaries() + "/tikhaul-coordinator", "--config", Path("tikhaul.yaml"),
                                     "--clock-offset", absl::StrCat(ClockOffset()), "--log-level", "debug"});
  if (options_.coordinators > 1)
    arguments.insert(arguments.end(), {"--listen", Addresses()[static_cast<size_t>(index)]});
  Launch(CoordinatorName(index), std::move(arguments));
}

void TestCluster::AwaitCoordinator(absl::Duration deadline, int index) {
  const std::string name = CoordinatorName(index);
  // A channel that has failed once waits before it tries again: look first, then make a new one.
  const auto listens = [&] {
    if (!options_.dialer.encrypts()) return SomebodyListens(Path(SocketOf(index)));
    return AdminClient(options_.addresses[static_cast<size_t>(index)], options_.dialer).Connect().ok();
  };
  EXPECT_TRUE(Eventually([&] { return !Running(name) || listens(); }, deadline)) << "the coordinator does not listen";
  EXPECT_TRUE(Running(name)) << Log(name);
  admin_.reset();
  client_.reset();
}

std::string TestCluster::Lead() {
  std::string lead;
  AwaitStatus("a lead", [&](const v1::Status& status) {
    for (const v1::CoordinatorInfo& one : status.coordinators()) {
      for (int i = 0; i < options_.coordinators; ++i) {
        if (one.leads() && one.address() == "unix:" + Path(SocketOf(i))) lead = CoordinatorName(i);
      }
    }
    return !lead.empty();
  });
  return lead;
}

void TestCluster::StartWorker(int index) {
  WriteConfig();
  const std::string name = absl::StrCat("worker-", index);
  Launch(name, {Binaries() + "/tikhaul-worker", "--config", Path("tikhaul.yaml"), "--name", name});
}

std::string TestCluster::Tikhaul(std::vector<std::string> words) {
  words.insert(words.begin(), {Binaries() + "/tikhaul", "--config", Path("tikhaul.yaml")});
  Launch("tikhaul", std::move(words));
  EXPECT_EQ(AwaitEnd("tikhaul"), "exit code 0") << Log("tikhaul");
  return Log("tikhaul");
}

void TestCluster::Kill9(const std::string& name) {
  const auto found = processes_.find(name);
  ASSERT_NE(found, processes_.end()) << name << " does not run";
  if (name == "simulator") simulator_now_ = FormatInstant(VirtualNow());
  kill(found->second.pid(), SIGKILL);
  processes_.erase(found);  // waits for it
}

absl::Duration TestCluster::Term(const std::string& name, absl::Duration patience) {
  const auto found = processes_.find(name);
  if (found == processes_.end()) {
    ADD_FAILURE() << name << " does not run";
    return absl::ZeroDuration();
  }
  if (name == "simulator") simulator_now_ = FormatInstant(VirtualNow());
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  EXPECT_TRUE(Eventually([&] { return !Log(name).empty(); })) << name << " has not begun, and would not hear it";
  found->second.Terminate();
  EXPECT_TRUE(Eventually([&] { return found->second.Ended().has_value(); }, patience))
      << name << " does not heed SIGTERM within " << patience;
  const absl::Duration took = clock.Monotonic() - start;
  EXPECT_EQ(found->second.Ended().value_or("runs"), "exit code 0") << name;
  processes_.erase(found);
  return took;
}

bool TestCluster::Running(const std::string& name) {
  const auto found = processes_.find(name);
  return found != processes_.end() && !found->second.Ended().has_value();
}

std::string TestCluster::AwaitEnd(const std::string& name, absl::Duration deadline) {
  const auto found = processes_.find(name);
  if (found == processes_.end()) return "was not started";
  if (!Eventually([&] { return found->second.Ended().has_value(); }, deadline)) return "runs";
  const std::string end = *found->second.Ended();
  processes_.erase(found);
  return end;
}

pid_t TestCluster::Pid(const std::string& name) const { return processes_.at(name).pid(); }

std::vector<nlohmann::json> TestCluster::Events(const std::string& process) const {
  std::vector<nlohmann::json> events;
  for (const absl::string_view line : absl::StrSplit(Log(process), '\n', absl::SkipEmpty())) {
    nlohmann::json event = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (event.is_object()) events.push_back(std::move(event));
  }
  return events;
}

int TestCluster::HttpPort(const std::string& process) const {
  int port = 0;
  const auto find = [&] {
    for (const nlohmann::json& event : Events(process)) {
      if (event.value("event", "") == "metrics and probes are served over HTTP")
        port = std::stoi(event.value("port", "0"));
    }
    return port != 0;
  };
  EXPECT_TRUE(Eventually(find)) << process << " serves no HTTP";
  return port;
}

std::string TestCluster::Log(const std::string& name) const { return ReadFile(Path(name + ".log")).value_or(""); }

std::string TestCluster::Http(const std::string& method, const std::string& path, const std::string& body) {
  httplib::Client client("127.0.0.1", simulator_port_);
  client.set_read_timeout(30);
  const httplib::Result result = method == "POST"     ? client.Post(path, body, "application/json")
                                 : method == "DELETE" ? client.Delete(path)
                                                      : client.Get(path);
  if (!result || result->status != 200) {
    ADD_FAILURE() << method << " " << path << ": "
                  << (result ? absl::StrCat(result->status, " ", result->body) : httplib::to_string(result.error()));
    return "{}";
  }
  return result->body;
}

void TestCluster::Advance(absl::Duration by) {
  Http("POST", absl::StrCat("/sim/advance?seconds=", absl::ToInt64Seconds(by)));
  if (processes_.count("coordinator") == 0) return;
  Term("coordinator");
  StartCoordinator();
  AwaitCoordinator();
}

void TestCluster::Fault(const std::string& json) { Http("POST", "/sim/fault", json); }
void TestCluster::ClearFaults() { Http("DELETE", "/sim/fault"); }

int64_t TestCluster::FaultHits() {
  int64_t hits = 0;
  for (const auto& fault : nlohmann::json::parse(Http("GET", "/sim/fault")).value("faults", nlohmann::json::array()))
    hits += fault.value("hits", 0);
  return hits;
}

int64_t TestCluster::FaultsLeft() {
  int64_t left = 0;
  for (const auto& fault : nlohmann::json::parse(Http("GET", "/sim/fault")).value("faults", nlohmann::json::array()))
    left += fault.value("left", 0);
  return left;
}

void TestCluster::RevokeToken() { Http("POST", "/sim/revoke-token"); }
void TestCluster::RemoveObject(const std::string& id) { Http("POST", absl::StrCat("/sim/remove-object?id=", id)); }
void TestCluster::RestoreToken() { Http("POST", "/sim/restore-token"); }

void TestCluster::Restate(const std::string& advertiser, const std::string& first_day, const std::string& last_day,
                          int percent) {
  Http("POST", absl::StrCat("/sim/restate?advertiser_id=", advertiser, "&first_day=", first_day, "&last_day=", last_day,
                            "&percent=", percent));
}

int64_t TestCluster::Stat(const std::string& name) {
  return nlohmann::json::parse(Http("GET", "/sim/stats")).value(name, int64_t{-1});
}

absl::Time TestCluster::VirtualNow() {
  return ParseInstant(nlohmann::json::parse(Http("GET", "/sim/stats")).value("now", ""));
}

std::string TestCluster::ExportTruth(const std::string& spec) {
  const std::string path = Path(absl::StrCat("truth-", ++truths_, ".db"));
  Http("POST", absl::StrCat("/sim/export-truth?file=", path), spec);
  return path;
}

v1::Admin::Stub& TestCluster::admin() {
  if (admin_ != nullptr) return *admin_;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  admin_ = v1::Admin::NewStub(
      grpc::CreateCustomChannel("unix:" + Path("c.sock"), grpc::InsecureChannelCredentials(), arguments));
  return *admin_;
}

template <typename Request, typename Response>
Response TestCluster::Ask(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                          const Request& request) {
  absl::StatusOr<Response> response = absl::UnavailableError("was not asked");
  Eventually(
      [&] {
        absl::Status connected;
        if (client_ == nullptr) {
          client_ = std::make_unique<AdminClient>(Addresses(), options_.dialer);
          connected = client_->Connect();
        }
        if (connected.ok()) {
          response = client_->Call(method, request, kCallDeadline);
        } else {
          response = connected;
        }
        const bool again = absl::IsUnavailable(response.status());
        if (again) client_.reset();
        return !again;
      },
      kCallDeadline);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? *response : Response();
}

v1::BackfillResponse TestCluster::Backfill(const std::vector<std::string>& extracts, const std::string& first_day,
                                           const std::string& last_day) {
  v1::BackfillRequest request;
  for (const std::string& extract : extracts) request.add_extracts(extract);
  request.mutable_range()->set_first_day(first_day);
  request.mutable_range()->set_last_day(last_day);
  return Ask(&v1::Admin::Stub::Backfill, request);
}

v1::SyncResponse TestCluster::Sync(const std::vector<std::string>& extracts) {
  v1::SyncRequest request;
  for (const std::string& extract : extracts) request.add_extracts(extract);
  return Ask(&v1::Admin::Stub::Sync, request);
}

v1::Status TestCluster::GetStatus() {
  v1::GetStatusRequest request;
  request.set_recent_runs(50);
  return Ask(&v1::Admin::Stub::GetStatus, request);
}

v1::Status TestCluster::AwaitStatus(const std::string& what, const std::function<bool(const v1::Status&)>& condition,
                                    absl::Duration deadline) {
  v1::Status status;
  const SystemClock clock;
  const absl::Duration end = clock.Monotonic() + deadline;
  for (;;) {
    status = GetStatus();
    if (condition(status) || testing::Test::HasFatalFailure()) return status;
    if (clock.Monotonic() >= end) {
      ADD_FAILURE() << "not within " << deadline << ": " << what << "\n" << status.DebugString();
      return status;
    }
    tikhaul::SleepFor(absl::Milliseconds(20));
  }
}

v1::Status TestCluster::WaitIdle(absl::Duration deadline) {
  return AwaitStatus(
      "nothing left to do", [](const v1::Status& status) { return status.idle(); }, deadline);
}

int64_t TestCluster::QueryInt(const std::string& sql) const {
  const SqlRows rows = Query(sql);
  if (rows.size() == 1 && rows[0].size() == 1 && rows[0][0] != "NULL") return std::stoll(rows[0][0]);
  ADD_FAILURE() << sql << " gives no figure";
  return -1;
}

}  // namespace tikhaul
