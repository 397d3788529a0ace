// What operators see: the figures of a whole installation are what happened, and logs tell each chunk's story.
#include <gmock/gmock.h>
#include <httplib.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"
#include "common/base/process.h"
#include "tests/support/eventually.h"
#include "tests/support/postgres_server.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Text(const json& event, const char* field) { return event.value(field, std::string("(missing)")); }

std::string Get(int port, const std::string& path, int status = 200) {
  httplib::Client client("127.0.0.1", port);
  client.set_read_timeout(5);
  const httplib::Result answer = client.Get(path);
  EXPECT_TRUE(answer) << path;
  if (!answer) return "";
  EXPECT_EQ(answer->status, status) << path << ": " << answer->body;
  return answer->body;
}

// One scrape: by "name{label="value",...}".
class Scrape {
 public:
  explicit Scrape(const std::string& text) {
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      if (absl::StartsWith(line, "# TYPE ")) {
        const std::vector<std::string> words = absl::StrSplit(line, ' ');
        types_[words[2]] = words[3];
      }
      if (line[0] == '#') continue;
      const size_t space = line.rfind(' ');
      double value = 0;
      EXPECT_TRUE(absl::SimpleAtod(line.substr(space + 1), &value)) << line;
      values_[std::string(line.substr(0, space))] = value;
    }
  }
  // -1 when it is not there.
  double At(const std::string& series) const {
    const auto found = values_.find(series);
    return found == values_.end() ? -1 : found->second;
  }
  // Over all series of the name.
  double Sum(const std::string& name, const std::string& with = "", const std::string& without = "{none}") const {
    double sum = 0;
    for (const auto& [series, value] : values_) {
      const bool of_name = series == name || absl::StartsWith(series, name + "{");
      if (of_name && absl::StrContains(series, with) && !absl::StrContains(series, without)) sum += value;
    }
    return sum;
  }
  const std::map<std::string, std::string>& types() const { return types_; }

 private:
  std::map<std::string, double> values_;
  std::map<std::string, std::string> types_;
};

// Names and types in docs/metrics.md whose column `where` names one of `letters`.
std::map<std::string, std::string> Documented(const std::string& letters) {
  std::map<std::string, std::string> types;
  const std::string doc = ReadFile(TIKHAUL_METRICS_DOC).value();
  for (const absl::string_view line : absl::StrSplit(doc, '\n')) {
    if (!absl::StartsWith(line, "| `tikhaul_")) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells[5].find_first_of(letters) == std::string::npos) continue;
    const std::vector<std::string> name = absl::StrSplit(cells[1], '`');
    types[name[1]] = std::string(absl::StripAsciiWhitespace(cells[2]));
  }
  return types;
}

// That Prometheus can read it, and finds nothing to complain about.
void ExpectPrometheusLikes(const TestCluster& cluster, const std::string& text) {
  const std::string file = cluster.Path("scrape.txt");
  std::ofstream(file, std::ios::trunc) << text;
  EXPECT_EQ(std::system(absl::StrCat("promtool check metrics < ", file, " > ", file, ".out 2>&1").c_str()), 0)
      << ReadFile(file + ".out").value_or("");
}

ClusterOptions Watched(const std::vector<Wanted>& wanted) {
  ClusterOptions options{.extracts = YamlOf(wanted)};
  options.more_flags = [](const std::string& process) -> std::vector<std::string> {
    if (absl::StartsWith(process, "worker")) return {"--http", "127.0.0.1:0", "--log-level", "debug"};
    if (absl::StartsWith(process, "coordinator")) return {"--http", "127.0.0.1:0"};
    return {};
  };
  return options;
}

TEST(MonitoringTest, FiguresAreWhatHappened) {
  const std::vector<Wanted> wanted = {HoursOf(4), {.name = "campaigns", .stream = "campaigns"}};
  TestCluster cluster(Watched(wanted));
  cluster.Start();
  const int coordinator_port = cluster.HttpPort("coordinator"), worker_port = cluster.HttpPort("worker-0");
  for (const int port : {coordinator_port, worker_port}) {
    EXPECT_EQ(Get(port, "/healthz"), "ok\n");
    EXPECT_TRUE(Eventually([&] { return httplib::Client("127.0.0.1", port).Get("/readyz")->status == 200; }));
    Get(port, "/nothing", 404);
  }
  cluster.Fault(R"({"faults":[{"kind":"code","code":40100,"message":"Too many requests","times":1,
                               "match":{"path":"report/integrated/get/"}}]})");
  cluster.Backfill();
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);

  // Those of the store are read every 5 s.
  const int64_t chunks = cluster.QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE extract = 'ads_hourly'");
  std::string text;
  ASSERT_TRUE(Eventually([&] {
    text = Get(coordinator_port, "/metrics");
    return Scrape(text).At("tikhaul_chunks{extract=\"ads_hourly\",state=\"done\"}") == static_cast<double>(chunks);
  })) << text;
  const Scrape coordinator(text);
  ExpectPrometheusLikes(cluster, text);
  text = Get(worker_port, "/metrics");
  const Scrape worker(text);
  ExpectPrometheusLikes(cluster, text);

  const auto rows = static_cast<double>(cluster.QueryInt("SELECT count(*) FROM ads_hourly"));
  ASSERT_GT(rows, 0);
  EXPECT_EQ(coordinator.At("tikhaul_rows_committed_total{extract=\"ads_hourly\"}"), rows);
  EXPECT_EQ(coordinator.At("tikhaul_rows_received_total{extract=\"ads_hourly\"}"), rows);
  EXPECT_EQ(coordinator.At("tikhaul_row_changes_total{change=\"inserted\",extract=\"ads_hourly\"}"), rows);
  EXPECT_EQ(worker.At("tikhaul_worker_rows_sent_total{extract=\"ads_hourly\"}"), rows);
  EXPECT_EQ(coordinator.At("tikhaul_batch_bytes_received_total{extract=\"ads_hourly\"}"),
            worker.At("tikhaul_worker_batch_bytes_sent_total{extract=\"ads_hourly\"}"));
  EXPECT_EQ(coordinator.At("tikhaul_chunks_committed_total{extract=\"ads_hourly\"}"), static_cast<double>(chunks));
  const double all_chunks = coordinator.Sum("tikhaul_chunks_committed_total");
  EXPECT_EQ(coordinator.At("tikhaul_claims_total{answer=\"granted\"}"), all_chunks);
  EXPECT_EQ(coordinator.At("tikhaul_commit_seconds_count"), all_chunks);
  EXPECT_EQ(worker.At("tikhaul_worker_chunks_total{outcome=\"committed\"}"), all_chunks);
  EXPECT_EQ(worker.At("tikhaul_worker_chunk_seconds_count"), all_chunks);
  EXPECT_GE(worker.Sum("tikhaul_worker_hints_total"), all_chunks);
  EXPECT_EQ(worker.Sum("tikhaul_worker_pages_total"),
            static_cast<double>(cluster.QueryInt("SELECT sum(pages) FROM tikhaul_ledger WHERE by_probe = 0")));
  EXPECT_GE(coordinator.Sum("tikhaul_hints_pushed_total"), all_chunks);

  // Every call that left for the API is counted once, by whoever sent it.
  EXPECT_EQ(coordinator.Sum("tikhaul_api_calls_total", "", "unreachable") +
                worker.Sum("tikhaul_api_calls_total", "", "unreachable"),
            static_cast<double>(cluster.Stat("allowed") + cluster.Stat("refused")));
  EXPECT_EQ(
      worker.At("tikhaul_api_calls_total{class=\"throttled\",code=\"40100\",endpoint=\"report/integrated/get/\"}") +
          std::max(0.0, coordinator.At("tikhaul_api_calls_total{class=\"throttled\",code=\"40100\","
                                       "endpoint=\"report/integrated/get/\"}")),
      1);
  EXPECT_EQ(coordinator.Sum("tikhaul_api_over_limit_total") + worker.Sum("tikhaul_api_over_limit_total"), 1);
  EXPECT_GT(worker.At("tikhaul_api_answer_bytes_total"), 0);
  EXPECT_EQ(worker.At("tikhaul_api_call_seconds_count{endpoint=\"report/integrated/get/\"}"),
            worker.Sum("tikhaul_api_calls_total", "endpoint=\"report/integrated/get/\""));
  EXPECT_GE(coordinator.At("tikhaul_quota_used{window=\"day\"}"), static_cast<double>(cluster.Stat("allowed")));
  EXPECT_EQ(coordinator.At("tikhaul_quota_limit{window=\"second\"}"), 600);
  EXPECT_EQ(coordinator.At("tikhaul_quota_open"), 1);
  EXPECT_LT(coordinator.At("tikhaul_quota_limit_factor"), 1) << "after \"too many requests\"";

  EXPECT_EQ(coordinator.At("tikhaul_leads"), 1);
  EXPECT_EQ(coordinator.At("tikhaul_shards"), 64);
  EXPECT_EQ(coordinator.At("tikhaul_coordinators"), 1);
  EXPECT_GE(coordinator.At("tikhaul_lead_term"), 1);
  EXPECT_EQ(coordinator.At("tikhaul_workers"), 1);
  EXPECT_EQ(coordinator.At("tikhaul_dead_letters"), 0);
  EXPECT_EQ(coordinator.At("tikhaul_runs{extract=\"ads_hourly\",kind=\"backfill\"}"), 0);
  EXPECT_EQ(coordinator.At("tikhaul_oldest_ready_seconds{kind=\"backfill\"}"), 0);
  EXPECT_EQ(coordinator.Sum("tikhaul_faults"), 0);
  EXPECT_EQ(worker.At("tikhaul_worker_linked"), 1);
  EXPECT_EQ(worker.At("tikhaul_worker_queue_reachable"), 1);
  EXPECT_EQ(worker.At("tikhaul_worker_slots"), 8);

  // Both directions.
  std::map<std::string, std::string> documented = Documented("CL");
  documented.erase("tikhaul_finality_lag_seconds");  // read every 30 s
  std::map<std::string, std::string> exported = coordinator.types();
  exported.erase("tikhaul_finality_lag_seconds");
  EXPECT_EQ(exported, documented);
  EXPECT_EQ(worker.types(), Documented("W"));
}

// A liveness probe that fails for want of the database would have all coordinators restarted for nothing.
TEST(MonitoringTest, NeitherScrapesNorProbesWaitForTheDatabase) {
  PostgresServer& server = PostgresServer::Shared();
  ClusterOptions options = Watched({HoursOf(2)});
  options.postgres = server.Url();
  options.schema = PostgresServer::NewSchema();
  options.workers = 0;
  TestCluster cluster(options);
  cluster.Start();
  const int port = cluster.HttpPort("coordinator");
  const char kReadAt[] = "tikhaul_store_read_timestamp_seconds";
  ASSERT_TRUE(Eventually([&] { return Scrape(Get(port, "/metrics")).At(kReadAt) > 0; }));
  const double read_at = Scrape(Get(port, "/metrics")).At(kReadAt);
  // Longer than a loop may be late; in quick runs only longer than the figures are old.
  const absl::Duration frozen = std::getenv("TIKHAUL_LONG_TESTS") != nullptr ? absl::Seconds(45) : absl::Seconds(6);
  const SystemClock clock;
  server.Freeze();
  const auto thaw = absl::MakeCleanup([&] { server.Thaw(); });
  for (const absl::Duration start = clock.Monotonic(); clock.Monotonic() - start < frozen;) {
    EXPECT_EQ(Get(port, "/healthz"), "ok\n");
    EXPECT_EQ(Get(port, "/readyz"), "ready\n");
    EXPECT_GT(Scrape(Get(port, "/metrics")).At("tikhaul_coordinators"), 0);
    tikhaul::SleepFor(absl::Milliseconds(200));
  }
  server.Thaw();
  EXPECT_TRUE(Eventually([&] { return Scrape(Get(port, "/metrics")).At(kReadAt) > read_at; }));
}

// The events about a chunk, of all processes, in the order of time.
std::vector<json> StoryOf(const TestCluster& cluster, const std::string& chunk) {
  std::vector<json> story;
  for (const char* const process : {"coordinator", "worker-0", "worker-1"}) {
    for (json& event : cluster.Events(process)) {
      if (event.contains("chunk") && Text(event, "chunk") == chunk) story.push_back(std::move(event));
    }
  }
  std::stable_sort(story.begin(), story.end(),
                   [](const json& a, const json& b) { return Text(a, "time") < Text(b, "time"); });
  return story;
}

std::string Told(const std::vector<json>& story) {
  std::string told;
  for (const json& event : story) absl::StrAppend(&told, event.dump(), "\n");
  return told;
}

// The events of this name, of the epoch if one is given.
std::vector<json> Named(const std::vector<json>& story, const std::string& name, const std::string& epoch = "") {
  std::vector<json> named;
  for (const json& event : story) {
    if (Text(event, "event") == name && (epoch.empty() || Text(event, "epoch") == epoch)) named.push_back(event);
  }
  return named;
}

// The chunk of the first event that fits; empty when there is none.
std::string ChunkWith(const std::vector<json>& events, const std::string& name, const std::string& words) {
  for (const json& event : events) {
    if (Text(event, "event") == name && event.contains("chunk") && absl::StrContains(event.dump(), words))
      return Text(event, "chunk");
  }
  return "";
}

TEST(MonitoringTest, LogsTellTheStoryOfAChunk) {
  const std::vector<Wanted> wanted = {HoursOf(6)};
  TestCluster cluster(Watched(wanted));
  cluster.options().coordinator = "leave_out_idle: false";
  cluster.Start();
  // One call is refused as one too many; later one is not answered, and its worker is killed.
  cluster.Fault(R"({"faults":[
      {"kind":"code","code":40100,"message":"Too many requests","times":1,"match":{"path":"report/integrated/get/"}},
      {"kind":"hang","seconds":60,"times":1,"skip":4,"match":{"path":"report/integrated/get/"}}]})");
  cluster.Backfill();
  ASSERT_TRUE(Eventually([&] { return cluster.FaultHits() == 2; }));
  cluster.Kill9("worker-0");
  cluster.StartWorker(1);
  cluster.WaitIdle();
  ExpectEqualsTruth(cluster, wanted);

  // The chunk that lost its worker, from the coordinator's log; everything about it, by its id alone.
  std::string lost;
  for (const json& event : cluster.Events("coordinator")) {
    const bool broke = Text(event, "event") == "chunk given back" &&
                       absl::StrContains(Text(event, "message"), "the stream of worker worker-0 broke");
    // One that the worker had heard of: its grant may have been under way when it was killed.
    if (broke && !Named(StoryOf(cluster, Text(event, "chunk")), "chunk begun", Text(event, "epoch")).empty())
      lost = Text(event, "chunk");
  }
  ASSERT_NE(lost, "");
  const std::vector<json> story = StoryOf(cluster, lost);
  SCOPED_TRACE(Told(story));
  const std::vector<json> granted = Named(story, "chunk granted");
  ASSERT_EQ(granted.size(), 2u);
  const std::string first = Text(granted[0], "epoch"), second = Text(granted[1], "epoch");
  EXPECT_LT(std::stoi(first), std::stoi(second));
  ASSERT_EQ(Named(story, "chunk hinted").size(), 2u);
  EXPECT_EQ(Text(Named(story, "chunk hinted")[0], "reason"), "first");
  EXPECT_EQ(Text(Named(story, "chunk hinted")[1], "reason"), "returned");
  for (const std::string& epoch : {first, second}) EXPECT_EQ(Named(story, "chunk begun", epoch).size(), 1u) << epoch;
  EXPECT_EQ(Named(story, "chunk given back", first).size(), 1u);
  const std::vector<json> committed = Named(story, "chunk committed");
  ASSERT_EQ(committed.size(), 1u);
  EXPECT_EQ(Text(committed[0], "epoch"), second);
  EXPECT_EQ(Text(committed[0], "worker"), "worker-1");
  EXPECT_EQ(Named(story, "chunk read", second).size(), 1u);
  EXPECT_EQ(Named(story, "chunk settled", second).size(), 1u);

  // Pages with their request ids: those that the ledger keeps as proof.
  std::vector<std::string> answered;
  for (const json& call : Named(story, "call to the API", second)) {
    if (Text(call, "class") == "ok") answered.push_back(Text(call, "request_id"));
  }
  const SqlRows proof = cluster.Query(absl::StrCat("SELECT request_ids FROM tikhaul_ledger WHERE chunk = ", lost));
  ASSERT_EQ(proof.size(), 1u);
  for (const std::string& id : answered) EXPECT_TRUE(absl::StrContains(proof[0][0], id)) << id << ": " << proof[0][0];
  EXPECT_THAT(answered, Not(IsEmpty()));
  EXPECT_THAT(answered, Contains(Text(committed[0], "request_id")));

  // The one that was throttled went on under the same epoch.
  const std::string refused =
      ChunkWith(cluster.Events("worker-0"), "the API says too many requests; all workers pause", "40100");
  ASSERT_NE(refused, "") << "the refusal names its chunk";
  const std::vector<json> other = StoryOf(cluster, refused);
  SCOPED_TRACE(Told(other));
  const std::vector<json> pauses = Named(other, "the API says too many requests; all workers pause");
  ASSERT_EQ(pauses.size(), 1u);
  EXPECT_NE(Text(pauses[0], "request_id"), "");
  EXPECT_THAT(Named(other, "chunk committed"), Not(IsEmpty()));

  // Each event about a chunk names it in the same way.
  for (const char* const process : {"coordinator", "worker-0", "worker-1"}) {
    for (const json& event : cluster.Events(process)) {
      if (!event.contains("chunk")) continue;
      for (const char* const field : {"chunk", "epoch", "extract", "advertiser", "request_id"})
        EXPECT_TRUE(event.contains(field)) << field << ": " << event.dump();
      if (Text(event, "epoch") == "0") continue;
      EXPECT_EQ(Text(event, "extract"), "ads_hourly") << event.dump();
      EXPECT_NE(Text(event, "advertiser"), "") << event.dump();
    }
  }
}

}  // namespace
}  // namespace tikhaul
