#include "common/tiktok/call_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CallMetricsTest : public testing::Test {
 protected:
  void Note(int code, std::optional<FailureClass> fault) {
    CallReport report;
    report.path = "ad/get/";
    report.code = code;
    report.fault = fault;
    report.took = absl::Milliseconds(30);
    report.bytes = 1000;
    calls_.Note(report);
  }

  MetricSet metrics_;
  CallMetrics calls_{metrics_};
};

TEST_F(CallMetricsTest, CountsByCodeAndClass) {
  Note(0, std::nullopt);
  Note(0, std::nullopt);
  Note(20001, std::nullopt);
  Note(40002, FailureClass::kPermanent);
  Note(0, FailureClass::kTransient);  // no envelope
  EXPECT_THAT(metrics_.Text(),
              AllOf(HasSubstr("tikhaul_api_calls_total{class=\"ok\",code=\"0\",endpoint=\"ad/get/\"} 2\n"),
                    HasSubstr("tikhaul_api_calls_total{class=\"ok\",code=\"20001\",endpoint=\"ad/get/\"} 1\n"),
                    HasSubstr("tikhaul_api_calls_total{class=\"permanent\",code=\"40002\",endpoint=\"ad/get/\"} 1\n"),
                    HasSubstr("tikhaul_api_calls_total{class=\"transient\",code=\"none\",endpoint=\"ad/get/\"} 1\n"),
                    HasSubstr("tikhaul_api_call_seconds_count{endpoint=\"ad/get/\"} 5\n"),
                    HasSubstr("tikhaul_api_answer_bytes_total 5000\n")));
}

TEST_F(CallMetricsTest, CodesThatNoSheetKnowsShareOneSeries) {
  for (int code = 70000; code < 70100; ++code) Note(code, FailureClass::kUnknownCode);
  EXPECT_THAT(
      metrics_.Text(),
      AllOf(HasSubstr("tikhaul_api_calls_total{class=\"unknown_code\",code=\"other\",endpoint=\"ad/get/\"} 100\n"),
            Not(HasSubstr("700"))));
}

TEST_F(CallMetricsTest, TellsWhoseLimitItWas) {
  Note(40100, FailureClass::kThrottled);
  Note(0, FailureClass::kThrottled);  // HTTP 429
  Note(40133, FailureClass::kThrottled);
  EXPECT_THAT(metrics_.Text(), AllOf(HasSubstr("tikhaul_api_over_limit_total{scope=\"app\"} 2\n"),
                                     HasSubstr("tikhaul_api_over_limit_total{scope=\"advertiser\"} 1\n")));
}

TEST_F(CallMetricsTest, WhatNeverLeftTookNoTime) {
  CallReport report;
  report.path = "ad/get/";
  report.fault = FailureClass::kUnreachable;
  calls_.Note(report);
  EXPECT_THAT(metrics_.Text(), AllOf(HasSubstr("class=\"unreachable\",code=\"none\""),
                                     Not(HasSubstr("tikhaul_api_call_seconds_count"))));
}

}  // namespace
}  // namespace tikhaul
