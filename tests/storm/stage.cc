#include "tests/storm/stage.h"

#include <libpq-fe.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kCallPatience = absl::Seconds(5);
constexpr char kSchema[] = "storm";
constexpr char kListen[] = ":7733";
const std::vector<std::string>& Spaces() {
  static const auto* const names = new std::vector<std::string>{
      "simulator", "coordinator", "coordinator-1", "redis", "postgres", "worker-0", "worker-1", "worker-2", "worker-3"};
  return *names;
}

// As TestCluster names its sockets.
std::string SocketOf(const std::string& coordinator) { return coordinator == "coordinator" ? "c.sock" : "c1.sock"; }

std::string RoleOf(const std::string& process) { return process.substr(0, process.find('-')); }

// Chunks of two pages of rows each, and two lists.
std::vector<Wanted> JobOf(const Scene& scene) {
  std::vector<Wanted> job = {
      HoursOf(scene.days), {.name = "adverts", .stream = "adverts"}, {.name = "campaigns", .stream = "campaigns"}};
  if (scene.wide) {
    job.push_back({.name = "ads_daily",
                   .stream = "basic_report",
                   .level = "ad",
                   .dimensions = {"stat_time_day"},
                   .metrics = {"spend", "impressions"},
                   .settings = "backfill: 60",
                   .first_day = "2026-04-17"});
  }
  return job;
}

std::optional<int64_t> AskSqlite(const std::string& path, const std::string& sql) {
  std::optional<int64_t> answer;
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK) {
    sqlite3_busy_timeout(db, 1000);
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
      answer = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
  }
  sqlite3_close_v2(db);
  return answer;
}

std::optional<int64_t> AskPostgres(const std::string& url, const std::string& sql) {
  std::optional<int64_t> answer;
  PGconn* const db = PQconnectdb(absl::StrCat(url, "&connect_timeout=2").c_str());
  if (PQstatus(db) == CONNECTION_OK) {
    PQclear(PQexec(db, absl::StrCat("SET search_path = ", kSchema, "; SET statement_timeout = 2000").c_str()));
    PGresult* const result = PQexec(db, sql.c_str());
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 && PQgetisnull(result, 0, 0) == 0)
      answer = std::atoll(PQgetvalue(result, 0, 0));
    PQclear(result);
  }
  PQfinish(db);
  return answer;
}

}  // namespace

const char* Name(StoreKind store) { return store == StoreKind::kSqlite ? "SQLite" : "PostgreSQL"; }

std::string Stage::WhyNot(const Scene& scene) {
  std::string why = scene.shim ? Shim::WhyNot() : "";
  if (why.empty() && scene.spaces) why = NetSpaces::WhyNot();
  if (why.empty() && scene.disks) {
    const ScratchFolder folder;
    if (!SmallDisk(folder.Path("disk"), "1m").mounted()) why = "small disks need the right to mount";
  }
  return why;
}

Stage::Stage(const Scene& scene, StoreKind store, uint32_t seed) : scene_(scene), dice_(seed), wanted_(JobOf(scene)) {
  if (scene.spaces) spaces_ = std::make_unique<NetSpaces>(static_cast<int>(Spaces().size()) - 1);
  if (scene.shim) shim_ = std::make_unique<Shim>();
  if (store == StoreKind::kPostgres) {
    PostgresServer::Options options;
    if (scene.spaces) {
      options.host = NetSpaces::Address(SpaceOf("postgres"));
      options.net_space = spaces_->fd(SpaceOf("postgres"));
    }
    if (scene.shim) options.run_under = shim_->Prefix();
    if (scene.shim) options.settings.push_back("fsync=on");
    if (scene.disks) {
      options.disk = "160m";
      options.settings.insert(options.settings.end(), {"min_wal_size=32MB", "max_wal_size=48MB"});
    }
    postgres_ = std::make_unique<PostgresServer>(options);
  }
  cluster_ = std::make_unique<TestCluster>(OptionsFor(scene));
  if (scene.disks) {
    spool_disk_ = std::make_unique<SmallDisk>(cluster_->Path("spool"), "16m");
    redis_disk_ = std::make_unique<SmallDisk>(cluster_->Path("redis"), "1m");
    store_disk_ = std::make_unique<SmallDisk>(cluster_->Path("disk"), "96m");
    cluster_->options().store = cluster_->Path("disk/store.db");
  }
  LayLines();
}

Stage::~Stage() {
  // Nobody must be left frozen: it would not heed its end.
  for (const std::string& process : Spaces()) {
    if (cluster_->Running(process)) kill(cluster_->Pid(process), SIGCONT);
  }
}

int Stage::SpaceOf(const std::string& process) const {
  const auto found = std::find(Spaces().begin(), Spaces().end(), process);
  return static_cast<int>(found - Spaces().begin());
}

ClusterOptions Stage::OptionsFor(const Scene& scene) {
  ClusterOptions options;
  options.extracts = YamlOf(wanted_);
  options.data_set = "scale:3:50";
  options.per_second = scene.per_second;
  options.per_minute = scene.per_second * 60;
  options.latency_ms = scene.latency_ms;
  options.slots = 3;
  options.quota = "guard_ms: 200";  // on a machine with much else to do a call may be late by as much
  options.workers = kWorkers;
  options.coordinators = on_postgres() ? scene.coordinators : 1;
  options.schema = kSchema;
  options.run_under = [this](const std::string& process) { return RunUnder(process); };
  options.more_flags = [this](const std::string& process) { return MoreFlags(process); };
  if (on_postgres()) options.postgres = postgres_->Url();
  if (scene.disks) options.coordinator = "spool_memory: 1MiB";
  if (scene.spaces) {
    options.simulator_host = "0.0.0.0";
    options.redis.host = NetSpaces::Address(SpaceOf("redis"));
    options.redis.net_space = spaces_->fd(SpaceOf("redis"));
    options.listen = NetSpaces::Address(SpaceOf("coordinator")) + kListen;
    options.addresses = {options.listen, NetSpaces::Address(SpaceOf("coordinator-1")) + kListen};
    options.addresses.resize(static_cast<size_t>(options.coordinators));
    options.coordinator = "allow_plaintext: true";
    v1::Config plain;
    plain.mutable_coordinator()->set_allow_plaintext(true);
    options.dialer = *Dialer::Make(plain);
    if (on_postgres()) options.coordinator_postgres = postgres_->UrlOverNetwork();
  }
  return options;
}

// The lines that storms of weather spoil, or those that namespaces make necessary: to tikhaul the API must be on this
// machine, and this program must reach the coordinator by a socket.
void Stage::LayLines() {
  const std::string coordinator = absl::StrCat("unix:", cluster_->Path("c.sock"));
  const auto lay = [&](StreamProxy::Options options) {
    options.seed = dice_.random()();
    lines_.push_back(std::make_unique<StreamProxy>(std::move(options)));
  };
  if (spaces_ != nullptr) {
    for (const std::string& name : CoordinatorNames())
      lay({.listen = "unix:" + cluster_->Path(SocketOf(name)), .server = NetSpaces::Address(SpaceOf(name)) + kListen});
    const std::string port = absl::StrCat(":", cluster_->simulator_port());
    for (const std::string& process : Spaces()) {
      const int space = SpaceOf(process);
      if (RoleOf(process) != "worker" && RoleOf(process) != "coordinator") continue;
      lay({.listen = "127.0.0.1" + port,
           .server = NetSpaces::HubAddress(space) + port,
           .net_space = spaces_->fd(space)});
    }
  } else if (scene_.proxies) {
    lay({.listen = absl::StrCat("unix:", folder_.Path("workers")), .server = coordinator});
    lay({.listen = absl::StrCat("unix:", folder_.Path("redis")),
         .server = absl::StrCat("unix:", cluster_->redis().socket_path())});
    if (on_postgres()) {
      database_line_ = std::make_unique<PostgresProxy>(postgres_->socket_folder());
      cluster_->options().coordinator_postgres = database_line_->Url();
    }
  }
  if (scene_.old_release)
    old_release_ = std::make_unique<OldRelease>(absl::StrCat("unix:", folder_.Path("old")), coordinator);
}

std::vector<StreamProxy*> Stage::Lines() {
  std::vector<StreamProxy*> lines;
  for (const auto& line : lines_) lines.push_back(line.get());
  if (database_line_ != nullptr) lines.push_back(&database_line_->line());
  return lines;
}

std::vector<std::string> Stage::RunUnder(const std::string& process) const {
  std::vector<std::string> prefix;
  if (process == "simulator") return prefix;
  if (spaces_ != nullptr) prefix = spaces_->Prefix(SpaceOf(process));
  if (shim_ != nullptr) {
    const std::vector<std::string> shim = shim_->Prefix();
    prefix.insert(prefix.end(), shim.begin(), shim.end());
  }
  return prefix;
}

std::vector<std::string> Stage::MoreFlags(const std::string& process) const {
  std::vector<std::string> flags;
  if (process == "simulator") return flags;
  const bool worker = RoleOf(process) == "worker";
  const std::string door = worker ? "--coordinator" : "--advertise";  // where workers reach the coordinator
  if (worker) flags = {"--log-level", "debug"};
  if (scene_.proxies) {
    flags.insert(flags.end(), {"--redis", absl::StrCat("unix:", folder_.Path("redis")), door,
                               absl::StrCat("unix:", folder_.Path("workers"))});
  }
  if (of_old_release_.count(process) > 0) flags.insert(flags.end(), {door, absl::StrCat("unix:", folder_.Path("old"))});
  return flags;
}

void Stage::Connect() {
  for (const std::string& name : CoordinatorNames()) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
    arguments.SetMaxReceiveMessageSize(64 << 20);
    admins_.push_back(v1::Admin::NewStub(grpc::CreateCustomChannel("unix:" + cluster_->Path(SocketOf(name)),
                                                                   grpc::InsecureChannelCredentials(), arguments)));
  }
}

void Stage::Start() {
  cluster_->Start();
  Connect();
  EXPECT_TRUE(Eventually([&] { return AskBackfill(""); })) << cluster_->Log("coordinator");
}

void Stage::Keep() {
  std::vector<std::string> kept = CoordinatorNames();
  for (const std::string& worker : WorkerNames()) kept.push_back(worker);
  for (const std::string& process : kept) {
    if (cluster_->Running(process)) {
      NoteMemory(process);
      continue;
    }
    const auto down = down_until_.find(process);
    if (down != down_until_.end() && clock_.Monotonic() < down->second) continue;
    cluster_->AwaitEnd(process);  // forgets it, if it ended by itself
    StartOne(process);
    down_until_[process] = clock_.Monotonic() + absl::Milliseconds(500);  // for one that does not come up
  }
}

void Stage::StartOne(const std::string& process) {
  const size_t dash = process.find('-');
  const int index = dash == std::string::npos ? 0 : std::stoi(process.substr(dash + 1));
  if (RoleOf(process) == "coordinator") {
    cluster_->StartCoordinator({}, index);
  } else {
    cluster_->StartWorker(index);
  }
}

std::vector<std::string> Stage::CoordinatorNames() const {
  std::vector<std::string> names = {"coordinator"};
  if (cluster_->options().coordinators > 1) names.push_back("coordinator-1");
  return names;
}

std::string Stage::Lead() {
  for (const std::string& name : CoordinatorNames()) {
    const std::string address = spaces_ != nullptr ? NetSpaces::Address(SpaceOf(name)) + kListen
                                                   : absl::StrCat("unix:", cluster_->Path(SocketOf(name)));
    if (Ask(absl::StrCat("SELECT count(*) FROM tikhaul_seat AS s JOIN tikhaul_member AS m ON m.id = s.member WHERE "
                         "s.number = 64 AND m.address = '",
                         address, "'")) == 1)
      return name;
  }
  return "";
}

std::vector<std::string> Stage::WorkerNames() { return {Spaces().end() - kWorkers, Spaces().end()}; }

std::vector<std::string> Stage::RunningWorkers() {
  std::vector<std::string> running;
  for (const std::string& worker : WorkerNames()) {
    if (cluster_->Running(worker)) running.push_back(worker);
  }
  return running;
}

void Stage::Kill(const std::string& process, absl::Duration down) {
  if (!cluster_->Running(process)) return;
  NoteMemory(process);
  cluster_->Kill9(process);
  down_until_[process] = clock_.Monotonic() + down;
}

void Stage::SetOldRelease(const std::string& process, bool old) {
  if (old) {
    of_old_release_.insert(process);
  } else {
    of_old_release_.erase(process);
  }
}

void Stage::SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kCallPatience));
}

bool Stage::AskBackfill(const std::string& again_key) {
  v1::BackfillRequest request;
  request.set_again_key(again_key);
  return Call(&v1::Admin::Stub::Backfill, request).has_value();
}

std::optional<int64_t> Stage::Ask(const std::string& sql) {
  return on_postgres() ? AskPostgres(postgres_->Url(), sql) : AskSqlite(cluster_->StorePath(), sql);
}

SqlRows Stage::Rows(const std::string& sql) {
  if (!on_postgres()) return cluster_->Query(sql);
  return postgres_->Run(absl::StrCat("SET search_path = ", kSchema, "; ", sql));
}

int64_t Stage::InLogs(const std::string& role, const std::string& text) {
  int64_t lines = 0;
  for (const std::string& process : Spaces()) {
    if (RoleOf(process) != role) continue;
    const std::string log = cluster_->Log(process);
    for (const absl::string_view line : absl::StrSplit(log, '\n')) lines += absl::StrContains(line, text);
  }
  return lines;
}

int64_t Stage::Peak(const std::string& role) const {
  const auto found = peaks_.find(role);
  return found == peaks_.end() ? 0 : found->second;
}

void Stage::NoteMemory(const std::string& process) {
  const std::string status = ReadFile(absl::StrCat("/proc/", cluster_->Pid(process), "/status")).value_or("");
  const size_t at = status.find("VmHWM:");
  if (at == std::string::npos) return;
  int64_t& peak = peaks_[RoleOf(process)];
  peak = std::max<int64_t>(peak, std::atoll(status.c_str() + at + 6) * 1024);
}

}  // namespace tikhaul
