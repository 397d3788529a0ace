#include <httplib.h>

#include <atomic>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/process.h"
#include "common/tiktok/account.h"
#include "common/tiktok/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/tiktok/fake_token_source.h"
#include "tests/integration/tiktok/loopback_api.h"
#include "tests/support/eventually.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Result = ApiTransport::Result;

constexpr char kJson[] = "application/json; charset=utf-8";

// Results of calls, as they end.
class Results {
 public:
  uint64_t Send(ApiTransport& transport, ApiCall call, ApiTransport::SendOptions options = {}) {
    return transport.Send(std::move(call), options, [this](Result result) {
      MutexLock lock(mu_);
      results_.push_back(std::move(result));
      changed_.SignalAll();
    });
  }
  bool WaitFor(size_t count, absl::Duration timeout = kPatience) {
    MutexLock lock(mu_);
    while (results_.size() < count) {
      if (!changed_.WaitFor(mu_, timeout)) return false;
    }
    return true;
  }
  std::vector<Result> all() {
    MutexLock lock(mu_);
    return results_;
  }

 private:
  Mutex mu_;
  CondVar changed_;
  std::vector<Result> results_ ABSL_GUARDED_BY(mu_);
};

class TransportTest : public ::testing::Test {
 protected:
  TransportOptions OptionsFor(const std::string& base_url) {
    TransportOptions options;
    options.base_url = base_url;
    options.transient_backoff = {absl::Milliseconds(1), absl::Milliseconds(5)};
    return options;
  }
  ApiCall CallOf(const std::string& path = "report/integrated/get/") {
    return ApiCall{path, {{"page", "1"}}, Secret("token-of-the-test")};
  }
  // Sends one call to `base_url` and waits for its end.
  Result SendOne(const TransportOptions& options, ApiCall call, ApiTransport::SendOptions send = {}) {
    ApiTransport transport(options, tokens_, clock_);
    Results results;
    results.Send(transport, std::move(call), send);
    EXPECT_TRUE(results.WaitFor(1));
    return results.all().at(0);
  }

  SystemClock clock_;
  FakeTokenSource tokens_{clock_};
};

TEST_F(TransportTest, SendsParametersEncodedAndTheTokenAsHeader) {
  Mutex mu;
  std::string target, token, encoding;
  LoopbackApi api([&](const httplib::Request& request, httplib::Response& response) {
    MutexLock lock(mu);
    target = request.target;
    token = request.get_header_value("Access-Token");
    encoding = request.get_header_value("Accept-Encoding");
    response.set_content(Envelope(0, "OK", R"({"list":[]})"), kJson);
  });
  ApiCall call{"campaign/get/",
               {{"advertiser_id", "7002238017842757633"}, {"filtering", R"({"a":"b c&d"})"}},
               Secret("abc-token")};
  const Result result = SendOne(OptionsFor(api.base_url()), call);
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.calls, 1u);
  EXPECT_EQ(result.answer.body, Envelope(0, "OK", R"({"list":[]})"));
  EXPECT_EQ(result.answer.request_id, "20260101ABC");
  EXPECT_FALSE(result.answer.truncated);
  MutexLock lock(mu);
  EXPECT_EQ(target,
            "/open_api/v1.3/campaign/get/?advertiser_id=7002238017842757633&filtering=%7B%22a%22%3A%22b%20c%26d%22%7D");
  EXPECT_EQ(token, "abc-token");
  EXPECT_EQ(encoding, "gzip");
}

TEST_F(TransportTest, InflatesCompressedAnswers) {
  const std::string body = Envelope(0, "OK", absl::StrCat("\"", std::string(200'000, 'x'), "\""));
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    response.set_content(body, kJson);  // httplib compresses JSON for those who accept it
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf());
  ASSERT_TRUE(result.ok);
  EXPECT_EQ(result.answer.body, body);
}

TEST_F(TransportTest, ThrottledRequestIsSentAgainAndTheFleetPauses) {
  std::atomic<int> count = 0;
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    const int number = ++count;
    response.set_content(number <= 2 ? Envelope(40100, "Too many requests") : Envelope(0, "OK"), kJson);
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf(), {.transient_retries = 0});
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.calls, 3u);
  const std::vector<absl::Duration> throttled = tokens_.throttled();
  ASSERT_THAT(throttled, SizeIs(2));
  EXPECT_GT(throttled[1], throttled[0]);
  EXPECT_GT(tokens_.answered(), throttled[1]);
}

// tiktok-api.md 3.5: 40016 and 40100 of the app, 51021 of a service.
TEST_F(TransportTest, EveryCodeOfThrottlingIsAskedAgainAndNeverGivenUp) {
  for (const int code : {40016, 40100, 51021}) {
    std::atomic<int> count = 0;
    LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
      response.set_content(++count <= 5 ? Envelope(code, "slow down") : Envelope(0, "OK"), kJson);
    });
    const size_t before = tokens_.throttled().size();
    const Result result = SendOne(OptionsFor(api.base_url()), CallOf(), {.transient_retries = 0});
    EXPECT_TRUE(result.ok) << code;
    EXPECT_EQ(result.calls, 6u) << code;
    EXPECT_EQ(tokens_.throttled().size(), before + 5) << code;
  }
}

TEST_F(TransportTest, Http429IsThrottling) {
  std::atomic<int> count = 0;
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    if (++count == 1) {
      response.status = 429;
      response.set_content("<html>slow down</html>", "text/html");
    } else {
      response.set_content(Envelope(0, "OK"), kJson);
    }
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf());
  EXPECT_TRUE(result.ok);
  EXPECT_THAT(tokens_.throttled(), SizeIs(1));
}

TEST_F(TransportTest, ALimitOfOneAdvertiserStopsNobodyElse) {
  std::atomic<int> refused = 0, others_before_first = 0;
  std::atomic<bool> first_is_done = false;
  LoopbackApi api([&](const httplib::Request& request, httplib::Response& response) {
    const bool first = request.get_param_value("advertiser_id") == "71";
    if (first && refused < 3) {
      ++refused;
      response.set_content(Envelope(40133, "too many for this advertiser"), kJson);
      return;
    }
    if (first) first_is_done = true;
    if (!first && !first_is_done) ++others_before_first;
    response.set_content(Envelope(0, "OK"), kJson);
  });
  TransportOptions options = OptionsFor(api.base_url());
  options.advertiser_pause = {absl::Milliseconds(100), absl::Milliseconds(400)};
  ApiTransport transport(options, tokens_, clock_);
  Results results;
  const auto call = [&](const char* advertiser) {
    return ApiCall{"campaign/get/", {{"advertiser_id", advertiser}}, Secret("token-of-the-test")};
  };
  results.Send(transport, call("71"), {.transient_retries = 0});
  ASSERT_TRUE(Eventually([&] { return refused > 0; }));
  for (int i = 0; i < 20; ++i) results.Send(transport, call("72"), {.transient_retries = 0});
  ASSERT_TRUE(results.WaitFor(21));
  for (const Result& result : results.all()) EXPECT_TRUE(result.ok) << result.fault.message;
  EXPECT_EQ(refused, 3);
  EXPECT_GT(others_before_first, 0);
  EXPECT_TRUE(tokens_.throttled().empty()) << "the fleet goes on";
}

TEST_F(TransportTest, ServerErrorsAreRetried) {
  std::atomic<int> count = 0;
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    const int number = ++count;
    response.status = number == 1 ? 502 : 200;
    response.set_content(number == 1 ? "" : number == 2 ? Envelope(50000, "system error") : Envelope(0, "OK"), kJson);
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf());
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.calls, 3u);
}

TEST_F(TransportTest, RetriesEndWithTheLastFault) {
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    response.status = 504;
    response.set_content("<html>gateway</html>", "text/html");
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf("campaign/get/"), {.transient_retries = 2});
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.calls, 3u);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kTransient);
  EXPECT_EQ(result.fault.http_status, 504);
  EXPECT_THAT(result.fault.exchange, HasSubstr("HTTP 504\n<html>gateway"));
  const Result report = SendOne(OptionsFor(api.base_url()), CallOf("report/integrated/get/"), {.transient_retries = 2});
  EXPECT_EQ(report.calls, 1u) << "a report is not asked for again unchanged";
  EXPECT_EQ(report.fault.failure_class, FailureClass::kTooBig);
}

TEST_F(TransportTest, FaultsOfTheRequestComeBackAtOnceWithoutSecrets) {
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    response.set_content(Envelope(40002, "bad secret=tell-nobody dimension \xff"), kJson);
  });
  ApiCall call{"oauth2/advertiser/get/", {{"app_id", "7"}, {"secret", "tell-nobody"}}, Secret("token-of-the-test")};
  const Result result = SendOne(OptionsFor(api.base_url()), call);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.calls, 1u);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kPermanent);
  EXPECT_EQ(result.fault.code, 40002);
  EXPECT_EQ(result.fault.request_id, "20260101ABC");
  EXPECT_THAT(result.fault.exchange, HasSubstr("GET oauth2/advertiser/get/?app_id=7&secret=[redacted]"));
  EXPECT_THAT(result.fault.exchange, HasSubstr("dimension ?"));
  EXPECT_THAT(result.fault.exchange, Not(HasSubstr("tell-nobody")));
  EXPECT_THAT(result.fault.message, Not(HasSubstr("tell-nobody")));
  EXPECT_THAT(result.fault.exchange, Not(HasSubstr("token-of-the-test")));
}

TEST_F(TransportTest, CutBodyIsTransient) {
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    response.set_content_provider(1000, kJson, [](size_t, size_t, httplib::DataSink& sink) {
      sink.write("{\"code\":0,", 10);
      return false;
    });
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf(), {.transient_retries = 1});
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.calls, 2u);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kTransient);
}

TEST_F(TransportTest, AnswerThatIsNotJsonIsTransient) {
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    response.set_content("<html>maintenance</html>", "text/html");
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf(), {.transient_retries = 0});
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kTransient);
  EXPECT_EQ(result.fault.message, "the answer is not the API's JSON envelope");
}

TEST_F(TransportTest, ConnectionThatBreaksIsRetried) {
  const std::string body = Envelope(0, "OK");
  RawServer server([&](int number) {
    return number == 1 ? "" : absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  });
  const Result result = SendOne(OptionsFor(server.base_url()), CallOf());
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(server.requests(), 2);
  EXPECT_EQ(tokens_.spent(), 2);
}

TEST_F(TransportTest, ResendOverAFreshConnectionTakesATokenOfItsOwn) {
  const std::string body = Envelope(0, "OK");
  // The second request reaches a kept connection, which the server closes without an answer: libcurl sends it again.
  RawServer server([&](int number) {
    return number == 2 ? "" : absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  });
  ApiTransport transport(OptionsFor(server.base_url()), tokens_, clock_);
  Results results;
  results.Send(transport, CallOf(), {.transient_retries = 0});
  ASSERT_TRUE(results.WaitFor(1));
  results.Send(transport, CallOf(), {.transient_retries = 0});
  ASSERT_TRUE(results.WaitFor(2));
  EXPECT_TRUE(results.all()[1].ok);
  EXPECT_EQ(results.all()[1].calls, 2u);
  EXPECT_EQ(server.requests(), 3);
  EXPECT_EQ(transport.calls_sent(), 3u);
  EXPECT_EQ(tokens_.spent(), 3);
}

TEST_F(TransportTest, ReportThatTimesOutIsTooBigAndNotRepeated) {
  std::atomic<bool> go_on = false;
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    Eventually([&] { return go_on.load(); });
    response.set_content(Envelope(0, "OK"), kJson);
  });
  TransportOptions options = OptionsFor(api.base_url());
  options.total_timeout = absl::Milliseconds(150);
  const Result report = SendOne(options, CallOf("report/integrated/get/"));
  EXPECT_EQ(report.fault.failure_class, FailureClass::kTooBig);
  EXPECT_EQ(report.calls, 1u);
  const Result list = SendOne(options, CallOf("campaign/get/"), {.transient_retries = 1});
  EXPECT_EQ(list.fault.failure_class, FailureClass::kTransient);
  EXPECT_EQ(list.calls, 2u);
  go_on = true;
}

TEST_F(TransportTest, BodyOverTheCapIsTooBig) {
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    response.set_content(Envelope(0, std::string(100'000, 'x')), kJson);
  });
  TransportOptions options = OptionsFor(api.base_url());
  options.max_body_bytes = 50'000;
  const Result result = SendOne(options, CallOf());
  EXPECT_EQ(result.fault.failure_class, FailureClass::kTooBig);
  EXPECT_EQ(result.calls, 1u);
  EXPECT_THAT(result.fault.message, HasSubstr("50000 bytes"));
}

// Counts what it is asked for.
class CountingRoom : public BodyRoom {
 public:
  explicit CountingRoom(uint64_t limit) : limit_(limit) {}
  bool Take(uint64_t bytes) override {
    MutexLock lock(mu_);
    if (used_ + bytes > limit_) {
      ++refused_;
      return false;
    }
    Book(bytes);
    return true;
  }
  void Force(uint64_t bytes) override {
    MutexLock lock(mu_);
    Book(bytes);
  }
  void Give(uint64_t bytes) override {
    MutexLock lock(mu_);
    used_ -= bytes;
  }
  uint64_t used() const {
    MutexLock lock(mu_);
    return used_;
  }
  uint64_t most() const {
    MutexLock lock(mu_);
    return most_;
  }
  int refused() const {
    MutexLock lock(mu_);
    return refused_;
  }

 private:
  void Book(uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    used_ += bytes;
    most_ = std::max(most_, used_);
  }
  const uint64_t limit_;
  mutable Mutex mu_;
  uint64_t used_ ABSL_GUARDED_BY(mu_) = 0, most_ ABSL_GUARDED_BY(mu_) = 0;
  int refused_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST_F(TransportTest, AnswersAreNotReadOnWhereThereIsNoRoom) {
  constexpr uint64_t kBody = 4 << 20, kRoom = 2 << 20;
  const std::string body = Envelope(0, "OK", absl::StrCat("\"", std::string(kBody, 'x'), "\""));
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) { response.set_content(body, kJson); });
  CountingRoom room(kRoom);
  TransportOptions options = OptionsFor(api.base_url());
  options.room = &room;
  std::atomic<int> whole = 0;
  {
    ApiTransport transport(options, tokens_, clock_);
    Results results;
    for (int i = 0; i < 6; ++i) {
      transport.Send(CallOf(), {}, [&](Result result) {  // lets the answer go at once
        if (result.ok && result.answer.body == body) ++whole;
      });
    }
    EXPECT_TRUE(Eventually([&] { return whole == 6; }));
  }
  EXPECT_GT(room.refused(), 0) << "there was always room: the test proves nothing";
  EXPECT_LE(room.most(), kRoom + kBody + (1 << 20)) << "more than the oldest answer went over the bound";
  EXPECT_EQ(room.used(), 0u);
}

TEST_F(TransportTest, WhatTheCallerHasBookedNeedsNoRoom) {
  const std::string body = Envelope(0, "OK", absl::StrCat("\"", std::string(1 << 20, 'x'), "\""));
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) { response.set_content(body, kJson); });
  CountingRoom room(0);
  TransportOptions options = OptionsFor(api.base_url());
  options.room = &room;
  ApiCall call = CallOf();
  call.booked_bytes = 2 << 20;
  EXPECT_TRUE(SendOne(options, call).ok);
  EXPECT_EQ(room.most(), 0u);
}

TEST_F(TransportTest, RedirectsAreNotFollowed) {
  LoopbackApi other(
      [&](const httplib::Request&, httplib::Response& response) { response.set_content(Envelope(0, "OK"), kJson); });
  LoopbackApi api(
      [&](const httplib::Request&, httplib::Response& response) { response.set_redirect(other.base_url()); });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf());
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kPermanent);
  EXPECT_EQ(result.fault.http_status, 302);
  EXPECT_EQ(other.requests(), 0);
}

TEST_F(TransportTest, ThrottleHeaderMeansTruncated) {
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    response.set_header("x-tt-ads-throttle", "only 20k ids");
    response.set_content(Envelope(0, "OK"), kJson);
  });
  const Result result = SendOne(OptionsFor(api.base_url()), CallOf());
  EXPECT_TRUE(result.ok);
  EXPECT_TRUE(result.answer.truncated);
}

TEST_F(TransportTest, CallsOneAfterTheOtherShareAConnection) {
  LoopbackApi api(
      [&](const httplib::Request&, httplib::Response& response) { response.set_content(Envelope(0, "OK"), kJson); });
  ApiTransport transport(OptionsFor(api.base_url()), tokens_, clock_);
  Results results;
  for (size_t i = 1; i <= 50; ++i) {
    results.Send(transport, CallOf());
    ASSERT_TRUE(results.WaitFor(i));
  }
  EXPECT_EQ(api.connections(), 1);
  EXPECT_EQ(tokens_.spent(), 50);
}

TEST_F(TransportTest, KeepsToItsBoundInFlightAndReusesConnections) {
  std::atomic<int> now = 0, most = 0;
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) {
    int seen = most;
    const int running = ++now;
    while (running > seen && !most.compare_exchange_weak(seen, running)) {
    }
    tikhaul::SleepFor(absl::Milliseconds(5));  // the API's latency
    --now;
    response.set_content(Envelope(0, "OK"), kJson);
  });
  TransportOptions options = OptionsFor(api.base_url());
  options.max_in_flight = 8;
  ApiTransport transport(options, tokens_, clock_);
  Results results;
  for (int i = 0; i < 200; ++i) results.Send(transport, CallOf());
  ASSERT_TRUE(results.WaitFor(200));
  for (const Result& result : results.all()) EXPECT_TRUE(result.ok);
  EXPECT_LE(most, 8);
  EXPECT_GE(most, 2);
  EXPECT_LE(api.connections(), 8);
  EXPECT_EQ(tokens_.spent(), 200);
}

// Shows a later time at every look: a token that is good when it comes is late once the connection stands.
class HastyClock : public Clock {
 public:
  absl::Time Now() const override { return system_.Now(); }
  absl::Duration Monotonic() const override { return system_.Monotonic() + absl::Milliseconds(40) * ++looks_; }

 private:
  SystemClock system_;
  mutable std::atomic<int> looks_ = 0;
};

TEST_F(TransportTest, TokenThatAgedWhileConnectingIsGivenBackAndReplaced) {
  LoopbackApi api(
      [&](const httplib::Request&, httplib::Response& response) { response.set_content(Envelope(0, "OK"), kJson); });
  HastyClock clock;
  FakeTokenSource tokens(clock, absl::Milliseconds(100));
  TransportOptions options = OptionsFor(api.base_url());
  ApiTransport transport(options, tokens, clock);
  Results results;
  for (size_t i = 1; i <= 20; ++i) {
    results.Send(transport, CallOf());
    ASSERT_TRUE(results.WaitFor(i));
    EXPECT_TRUE(results.all()[i - 1].ok);
  }
  EXPECT_EQ(api.requests(), 20);
  EXPECT_GT(tokens.refunded(), 0);
  EXPECT_TRUE(Eventually([&] { return tokens.spent() == 20; })) << tokens.granted() << " " << tokens.refunded();
}

TEST_F(TransportTest, CancelEndsCallsThatWaitForQuota) {
  tokens_.Hold(true);
  LoopbackApi api([&](const httplib::Request&, httplib::Response&) {});
  ApiTransport transport(OptionsFor(api.base_url()), tokens_, clock_);
  Results results;
  const uint64_t id = results.Send(transport, CallOf());
  ASSERT_TRUE(Eventually([&] { return tokens_.waiting() == 1; }));
  EXPECT_FALSE(transport.IsUnderWay(id));
  transport.Cancel(id);
  ASSERT_TRUE(results.WaitFor(1));
  EXPECT_EQ(results.all()[0].fault.failure_class, FailureClass::kReleased);
  EXPECT_EQ(results.all()[0].calls, 0u);
  EXPECT_TRUE(Eventually([&] { return tokens_.waiting() == 0; }));
  EXPECT_EQ(api.requests(), 0);
}

TEST_F(TransportTest, CancelEndsCallsUnderWay) {
  std::atomic<bool> go_on = false;
  LoopbackApi api([&](const httplib::Request&, httplib::Response&) { Eventually([&] { return go_on.load(); }); });
  ApiTransport transport(OptionsFor(api.base_url()), tokens_, clock_);
  Results results;
  const uint64_t id = results.Send(transport, CallOf());
  ASSERT_TRUE(Eventually([&] { return transport.IsUnderWay(id); }));
  transport.Cancel(id);
  ASSERT_TRUE(results.WaitFor(1));
  EXPECT_EQ(results.all()[0].fault.failure_class, FailureClass::kReleased);
  EXPECT_EQ(results.all()[0].calls, 1u);
  EXPECT_FALSE(transport.IsUnderWay(id));
  go_on = true;
}

TEST_F(TransportTest, DestructionReleasesWhatIsLeft) {
  tokens_.Hold(true);
  Results results;
  {
    ApiTransport transport(OptionsFor("http://127.0.0.1:9/"), tokens_, clock_);
    results.Send(transport, CallOf());
    results.Send(transport, CallOf());
  }
  ASSERT_THAT(results.all(), SizeIs(2));
  EXPECT_EQ(results.all()[0].fault.failure_class, FailureClass::kReleased);
  EXPECT_EQ(tokens_.waiting(), 0u);
}

TEST_F(TransportTest, ReleaseAllEndsCallsNowAndInFuture) {
  tokens_.Hold(true);
  ApiTransport transport(OptionsFor("http://127.0.0.1:9/"), tokens_, clock_);
  Results results;
  results.Send(transport, CallOf());
  transport.ReleaseAll();
  ASSERT_TRUE(results.WaitFor(1));
  results.Send(transport, CallOf());
  ASSERT_TRUE(results.WaitFor(2));
  for (const Result& result : results.all()) EXPECT_EQ(result.fault.failure_class, FailureClass::kReleased);
}

TEST_F(TransportTest, UnreachableApiIsNamed) {
  std::string base_url;
  {
    RawServer gone([](int) { return ""; });
    base_url = gone.base_url();
  }
  const Result result = SendOne(OptionsFor(base_url), CallOf(), {.transient_retries = 1});
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kUnreachable);
  EXPECT_THAT(result.fault.message, HasSubstr("cannot reach the API at 127.0.0.1 port "));
  EXPECT_THAT(result.fault.message, HasSubstr("check api.base_url"));
  EXPECT_EQ(result.calls, 0u);
  EXPECT_EQ(tokens_.spent(), 0);
}

TEST_F(TransportTest, TokenThatCannotBeAHeaderIsRefusedBeforeAnyCall) {
  ApiCall call = CallOf();
  call.token = Secret("first\r\nX-Evil: second");
  const Result result = SendOne(OptionsFor("http://127.0.0.1:9/"), call);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kAuth);
  EXPECT_EQ(result.calls, 0u);
  EXPECT_THAT(result.fault.message, Not(HasSubstr("second")));
}

TEST_F(TransportTest, PlainHttpLeavesTheMachineNever) {
  const Result result = SendOne(OptionsFor("http://192.0.2.1/open_api/v1.3/"), CallOf());
  EXPECT_EQ(result.fault.failure_class, FailureClass::kPermanent);
  EXPECT_EQ(result.calls, 0u);
}

TEST_F(TransportTest, AccountQuestionsReadAnswersAndFaults) {
  LoopbackApi api([&](const httplib::Request& request, httplib::Response& response) {
    std::string body = Envelope(0, "OK");
    if (absl::StrContains(request.path, "oauth2/advertiser/get")) {
      body = Envelope(
          0, "OK", R"({"list":[{"advertiser_id":"7002238017842757633","advertiser_name":"A"},{"advertiser_id":8}]})");
    } else if (absl::StrContains(request.path, "advertiser/info")) {
      body =
          Envelope(0, "OK",
                   R"({"list":[{"advertiser_id":"7","name":"Shop","timezone":"Etc/GMT+8","currency":"JPY",)"
                   R"("display_timezone":"America/Los_Angeles","status":"STATUS_ENABLE","create_time":1600000000}]})");
    } else if (request.get_header_value("Access-Token") == "revoked-token") {
      body = Envelope(40105, "Access token is incorrect or has been revoked.");
    }
    response.set_content(body, kJson);
  });
  ApiTransport transport(OptionsFor(api.base_url()), tokens_, clock_);
  const absl::StatusOr<std::vector<std::string>> ids =
      FetchAdvertiserIds(transport, "12", Secret("app-secret"), Secret("good-token"));
  ASSERT_TRUE(ids.ok()) << ids.status();
  EXPECT_THAT(*ids, ElementsAre("7002238017842757633", "8"));
  const auto infos = FetchAdvertiserInfo(transport, Secret("good-token"), std::vector<std::string>(101, "7"));
  ASSERT_TRUE(infos.ok()) << infos.status();
  ASSERT_THAT(*infos, SizeIs(2));  // one per call: 100 ids and 1
  EXPECT_EQ(infos->at(0).timezone, "America/Los_Angeles");
  EXPECT_EQ(infos->at(0).created, absl::FromUnixSeconds(1600000000));
  EXPECT_TRUE(CheckToken(transport, Secret("good-token")).ok());
  const absl::Status revoked = CheckToken(transport, Secret("revoked-token"));
  EXPECT_EQ(revoked.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(revoked.message()), HasSubstr("revoked"));
  ASSERT_TRUE(AsFault(revoked).has_value());
  EXPECT_EQ(AsFault(revoked)->code, 40105);
  EXPECT_EQ(AsFault(revoked)->failure_class, FailureClass::kAuth);
}

// Keeps what it takes; turns pieces away while it holds more than `room`.
class SlowSink : public TextSink {
 public:
  explicit SlowSink(size_t room) : room_(room) {}
  bool Take(absl::string_view piece) override {
    MutexLock lock(mu_);
    if (held_ > room_) {
      ++turned_away_;
      return false;
    }
    held_ += piece.size();
    text_.append(piece.data(), piece.size());
    return true;
  }
  void Empty() {
    MutexLock lock(mu_);
    held_ = 0;
  }
  int turned_away() {
    MutexLock lock(mu_);
    return turned_away_;
  }
  std::string text() {
    MutexLock lock(mu_);
    return text_;
  }

 private:
  const size_t room_;
  Mutex mu_;
  size_t held_ ABSL_GUARDED_BY(mu_) = 0;
  int turned_away_ ABSL_GUARDED_BY(mu_) = 0;
  std::string text_ ABSL_GUARDED_BY(mu_);
};

TEST_F(TransportTest, ATextOfAnySizeGoesToItsSinkAsFastAsThatTakesIt) {
  std::string csv = "ad_id,spend\n";
  for (int i = 0; csv.size() < (8 << 20); ++i) absl::StrAppend(&csv, i, ",1.5\n");
  LoopbackApi api([&](const httplib::Request&, httplib::Response& response) { response.set_content(csv, "text/csv"); });
  TransportOptions options = OptionsFor(api.base_url());
  options.max_body_bytes = 1 << 20;
  ApiTransport transport(options, tokens_, clock_);
  const auto sink = std::make_shared<SlowSink>(1 << 20);
  ApiCall call = CallOf("report/task/download/");
  call.text_sink = sink;
  Results results;
  const uint64_t id = results.Send(transport, call);
  int seen = 0;
  while (!results.WaitFor(1, absl::Milliseconds(1))) {
    if (sink->turned_away() == seen) continue;
    seen = sink->turned_away();
    sink->Empty();
    transport.Resume(id);
  }
  const Result result = results.all().at(0);
  ASSERT_TRUE(result.ok) << result.fault.message;
  EXPECT_TRUE(result.answer.is_text);
  EXPECT_EQ(result.answer.body, "");
  EXPECT_EQ(sink->text(), csv);
  EXPECT_GE(seen, 4) << "it never had to wait: the test proves nothing";
}

TEST_F(TransportTest, EnvelopesAndErrorPagesDoNotGoToTheSink) {
  const std::pair<std::string, std::string> answers[] = {
      {Envelope(0, "OK", R"({"download_url":"https://x/"})"), kJson},
      {Envelope(0, "OK"), "text/csv"},
      {Envelope(40200, "The task has failed"), "text/plain"},
      {"<html>oops</html>", "text/html"},
      {"", "text/csv"},
  };
  for (const auto& [body, type] : answers) {
    LoopbackApi api([&](const httplib::Request&, httplib::Response& response) { response.set_content(body, type); });
    const auto sink = std::make_shared<SlowSink>(100);
    ApiCall call = CallOf("report/task/download/");
    call.text_sink = sink;
    const Result result = SendOne(OptionsFor(api.base_url()), call, {.transient_retries = 0});
    EXPECT_EQ(sink->text(), "") << body;
    EXPECT_EQ(result.ok, absl::StrContains(body, "\"code\":0")) << body;
    EXPECT_FALSE(result.answer.is_text) << body;
  }
}

TEST_F(TransportTest, ATextThatBreaksOffIsNotAskedForAgain) {
  RawServer server([](int) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nad_id,spend\n17,1");
  });
  const auto sink = std::make_shared<SlowSink>(1 << 20);
  ApiCall call = CallOf("report/task/download/");
  call.text_sink = sink;
  TransportOptions options = OptionsFor(server.base_url());
  options.stall_timeout = absl::Seconds(1);
  const Result result = SendOne(options, call);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.fault.failure_class, FailureClass::kTransient) << result.fault.message;
  EXPECT_EQ(server.requests(), 1) << "what was taken cannot be taken back";
}

}  // namespace
TEST_F(TransportTest, WhoWaitsForAnAnswerDoesNotWaitForeverForItsTurn) {
  LoopbackApi api([](const httplib::Request&, httplib::Response& response) {
    response.set_content(Envelope(0, "OK", "{}"), kJson);
  });
  ApiTransport transport(OptionsFor(api.base_url()), tokens_, clock_);
  tokens_.Hold(true);
  const absl::Status status = CheckToken(transport, Secret("good-token"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), testing::HasSubstr("no API call could be made for 20s"));
  tokens_.Hold(false);
  EXPECT_TRUE(CheckToken(transport, Secret("good-token")).ok());
}

}  // namespace tikhaul
