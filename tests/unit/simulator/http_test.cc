// The server on a real socket.
#include <httplib.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "simulator/gzip.h"
#include "simulator/http_server.h"
#include "simulator/latency.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

class HttpTest : public SimTest {
 protected:
  void SetUp() override {
    options_.quota = {1'000'000, 1'000'000, 100'000'000, absl::Minutes(5)};
    options_.endpoint_limits = {};
    Serve();
  }
  void TearDown() override { server_->Stop(); }

  void Serve() {
    if (server_ != nullptr) server_->Stop();
    auto made = Simulator::Make(options_, real_);
    ASSERT_TRUE(made.ok());
    sim_ = *std::move(made);
    server_ = std::make_unique<HttpServer>(*sim_);
    const auto port = server_->Start({"127.0.0.1", 0, 16});
    ASSERT_TRUE(port.ok()) << port.status();
    port_ = *port;
  }
  std::unique_ptr<httplib::Client> Client() const {
    auto client = std::make_unique<httplib::Client>("127.0.0.1", port_);
    client->set_default_headers({{"Access-Token", std::string(kToken)}});
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_read_timeout(10);
    return client;
  }
  std::string ReportPath() const {
    return httplib::append_query_params("/open_api/v1.3/report/integrated/get/", Query(AdDays()));
  }
  static httplib::Params Query(const Params& params) { return httplib::Params(params.begin(), params.end()); }

  SystemClock real_;
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

TEST_F(HttpTest, AnswersAReportOverKeepAliveAndGzip) {
  const auto client = Client();
  const auto plain = client->Get(ReportPath());
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->status, 200);
  EXPECT_EQ(plain->get_header_value("Content-Type"), "application/json; charset=utf-8");
  EXPECT_FALSE(plain->get_header_value("X-Tt-Logid").empty());
  const nlohmann::json envelope = nlohmann::json::parse(plain->body);
  EXPECT_EQ(envelope["code"], 0);
  const auto packed = client->Get(ReportPath(), {{"Accept-Encoding", "gzip"}});
  ASSERT_TRUE(packed);
  EXPECT_EQ(nlohmann::json::parse(packed->body)["data"], envelope["data"]);
  client->set_decompress(false);
  const auto raw = client->Get(ReportPath(), {{"Accept-Encoding", "gzip"}});
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->get_header_value("Content-Encoding"), "gzip");
  EXPECT_LT(raw->body.size(), plain->body.size() / 3);
}

TEST_F(HttpTest, PathsAndMethodsOutsideAreHttpFaults) {
  const auto client = Client();
  EXPECT_EQ(client->Get("/open_api/v1.3/ad/get")->status, 404);
  EXPECT_EQ(client->Post("/open_api/v1.3/ad/get/", "{}", "application/json")->status, 405);
  EXPECT_EQ(client->Get("/")->status, 404);
}

TEST_F(HttpTest, ControlPathsSteerTheSimulator) {
  const auto client = Client();
  const std::string before = nlohmann::json::parse(client->Get("/sim/stats")->body)["now"];
  EXPECT_EQ(client->Post("/sim/advance?seconds=86400")->status, 200);
  const std::string after = nlohmann::json::parse(client->Get("/sim/stats")->body)["now"];
  EXPECT_EQ(before.substr(0, 10), "2026-06-15");
  EXPECT_EQ(after.substr(0, 10), "2026-06-16");
  EXPECT_EQ(client->Post("/sim/advance?seconds=-1")->status, 400);
  EXPECT_EQ(client->Post("/sim/revoke-token")->status, 200);
  EXPECT_EQ(nlohmann::json::parse(client->Get("/open_api/v1.3/user/info/")->body)["code"], 40105);
  EXPECT_EQ(client->Post("/sim/restore-token")->status, 200);
  EXPECT_EQ(nlohmann::json::parse(client->Get("/open_api/v1.3/user/info/")->body)["code"], 0);
  EXPECT_EQ(client->Post("/sim/fault", R"({"kind":"code","code":40067,"message":"odd"})", "application/json")->status,
            200);
  EXPECT_EQ(nlohmann::json::parse(client->Get("/open_api/v1.3/user/info/")->body)["code"], 40067);
  EXPECT_EQ(client->Post("/sim/fault", R"({"kind":"odd"})", "application/json")->status, 400);
  EXPECT_EQ(client->Delete("/sim/fault")->status, 200);
  const nlohmann::json stats = nlohmann::json::parse(client->Get("/sim/stats")->body);
  EXPECT_EQ(stats["calls"]["user/info/"]["40105"], 1);
  EXPECT_EQ(stats["allowed"], 2);
  EXPECT_EQ(client->Get("/sim/arrivals")->body.substr(0, 4), "0 1\n");
  EXPECT_EQ(client->Get("/sim/unknown")->status, 404);
}

TEST_F(HttpTest, TruthIsWrittenOnRequest) {
  const auto client = Client();
  const std::string file = ::testing::TempDir() + "/http-truth-" + std::to_string(port_) + ".db";
  const char* const spec = R"({"extracts":[{"table":"t","stream":"campaigns"}]})";
  EXPECT_EQ(client->Post("/sim/export-truth", spec, "application/json")->status, 400);
  EXPECT_EQ(client->Post("/sim/export-truth?file=" + file, "{}", "application/json")->status, 400);
  EXPECT_EQ(client->Post("/sim/export-truth?file=" + file, spec, "application/json")->status, 200);
  EXPECT_EQ(std::remove(file.c_str()), 0);
}

TEST_F(HttpTest, TruncatedAndResetAnswersFailAtTheClient) {
  const auto client = Client();
  client->Post("/sim/fault", R"([{"kind":"truncate","bytes":50},{"kind":"reset"}])", "application/json");
  EXPECT_FALSE(client->Get(ReportPath()));
  // A fresh client: the library would repeat the call on a connection that was open before.
  EXPECT_FALSE(Client()->Get(ReportPath()));
  const auto good = Client()->Get(ReportPath());
  ASSERT_TRUE(good);
  EXPECT_EQ(nlohmann::json::parse(good->body)["code"], 0);
}

TEST_F(HttpTest, SlowAnswersDoNotHoldOthersUp) {
  const auto latency = Latency::Parse("400");
  ASSERT_TRUE(latency.ok());
  options_.latency = *latency;
  Serve();
  const absl::Duration began = real_.Monotonic();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { good += Client()->Get("/open_api/v1.3/user/info/")->status == 200 ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  const absl::Duration took = real_.Monotonic() - began;
  EXPECT_GE(took, absl::Milliseconds(400));
  EXPECT_LT(took, absl::Milliseconds(8 * 400));  // one after the other would take at least that
}

TEST_F(HttpTest, StopWakesHangingAnswers) {
  Client()->Post("/sim/fault", R"({"kind":"hang","seconds":3600})", "application/json");
  std::thread hanging([&] { EXPECT_FALSE(Client()->Get("/open_api/v1.3/user/info/")); });
  while (nlohmann::json::parse(sim_->faults().Json())["faults"][0]["hits"] == 0) std::this_thread::yield();
  server_->Stop();
  hanging.join();
}

TEST(LatencyTest, FormsAreChecked) {
  EXPECT_TRUE(Latency::Parse("0").ok());
  EXPECT_TRUE(Latency::Parse("lognormal:100:0.5").ok());
  for (const char* bad : {"", "x", "-1", "lognormal:1", "normal:1:1", "nan"})
    EXPECT_FALSE(Latency::Parse(bad).ok()) << bad;
}

TEST(LatencyTest, LognormalHasItsMedian) {
  const auto latency = Latency::Parse("lognormal:100:0.5");
  ASSERT_TRUE(latency.ok());
  int below = 0;
  for (uint64_t i = 0; i < 2'000; ++i) below += latency->OfCall(i) < absl::Milliseconds(100) ? 1 : 0;
  EXPECT_GT(below, 900);
  EXPECT_LT(below, 1'100);
  EXPECT_EQ(latency->OfCall(7), latency->OfCall(7));
}

}  // namespace
}  // namespace tikhaul::simulator
