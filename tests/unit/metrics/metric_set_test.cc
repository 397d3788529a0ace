#include "common/metrics/metric_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/metrics/process_metrics.h"

namespace tikhaul {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

TEST(MetricSetTest, WritesWhatWasCounted) {
  MetricSet metrics;
  const Counter calls = metrics.AddCounter("tikhaul_calls_total", "Calls.");
  const Gauge streams = metrics.AddGauge("tikhaul_streams", "Streams.");
  calls.Add();
  calls.Add(2);
  streams.Set(7);
  streams.Add(-3);
  EXPECT_THAT(metrics.Text(), AllOf(HasSubstr("# HELP tikhaul_calls_total Calls.\n# TYPE tikhaul_calls_total counter\n"
                                              "tikhaul_calls_total 3\n"),
                                    HasSubstr("# TYPE tikhaul_streams gauge\ntikhaul_streams 4\n")));
  EXPECT_EQ(calls.value(), 3);
  EXPECT_EQ(streams.value(), 4);
}

TEST(MetricSetTest, MembersDifferInTheirLabels) {
  MetricSet metrics;
  CounterFamily& rows = metrics.AddCounters("tikhaul_rows_total", "Rows.", {"extract", "kind"});
  rows.With({"ads", "new"}).Add(5);
  rows.With({"ads", "new"}).Add();
  rows.With({"say \"x\"", "old"});
  EXPECT_THAT(metrics.Text(), AllOf(HasSubstr("tikhaul_rows_total{extract=\"ads\",kind=\"new\"} 6\n"),
                                    HasSubstr("tikhaul_rows_total{extract=\"say \\\"x\\\"\",kind=\"old\"} 0\n")));
}

TEST(MetricSetTest, ForgottenMembersAreGone) {
  MetricSet metrics;
  GaugeFamily& leads = metrics.AddGauges("tikhaul_hints", "Hints.", {});
  leads.With({}).Set(5);
  EXPECT_THAT(metrics.Text(), HasSubstr("tikhaul_hints 5"));
  leads.Clear();
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("tikhaul_hints")));
  leads.With({}).Set(6);
  EXPECT_THAT(metrics.Text(), HasSubstr("tikhaul_hints 6"));
}

TEST(MetricSetTest, HistogramsCountInBuckets) {
  MetricSet metrics;
  const Histogram seconds = metrics.AddHistogram("tikhaul_commit_seconds", "Commits.");
  seconds.Observe(absl::Milliseconds(3));
  seconds.Observe(absl::Hours(1));
  EXPECT_THAT(metrics.Text(), AllOf(HasSubstr("tikhaul_commit_seconds_bucket{le=\"0.0025\"} 0\n"),
                                    HasSubstr("tikhaul_commit_seconds_bucket{le=\"0.005\"} 1\n"),
                                    HasSubstr("tikhaul_commit_seconds_bucket{le=\"600\"} 1\n"),
                                    HasSubstr("tikhaul_commit_seconds_bucket{le=\"+Inf\"} 2\n"),
                                    HasSubstr("tikhaul_commit_seconds_count 2\n")));
}

TEST(MetricSetTest, RefreshesBeforeItIsRead) {
  MetricSet metrics;
  const Gauge reads = metrics.AddGauge("tikhaul_reads", "Reads.");
  metrics.BeforeRead([reads] { reads.Add(1); });
  EXPECT_THAT(metrics.Text(), HasSubstr("tikhaul_reads 1\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("tikhaul_reads 2\n"));
}

TEST(MetricSetTest, ListsWhatWasAdded) {
  MetricSet metrics;
  metrics.AddHistograms("tikhaul_b_seconds", "B.", {"x", "y"});
  metrics.AddCounter("tikhaul_a_total", "A.");
  EXPECT_THAT(metrics.List(),
              ElementsAre(AllOf(Field(&MetricInfo::name, "tikhaul_a_total"), Field(&MetricInfo::type, "counter")),
                          AllOf(Field(&MetricInfo::name, "tikhaul_b_seconds"), Field(&MetricInfo::type, "histogram"),
                                Field(&MetricInfo::labels, ElementsAre("x", "y")))));
}

TEST(MetricSetTest, ThreadsLoseNothing) {
  MetricSet metrics;
  CounterFamily& rows = metrics.AddCounters("tikhaul_rows_total", "Rows.", {"extract"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&rows, &metrics] {
      for (int n = 0; n < 1000; ++n) rows.With({n % 2 == 0 ? "even" : "odd"}).Add();
      metrics.Text();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(rows.With({"even"}).value(), 2000);
  EXPECT_EQ(rows.With({"odd"}).value(), 2000);
}

TEST(ProcessMetricsTest, TellsOfThisProcess) {
  MetricSet metrics;
  AddProcessMetrics(metrics, "abc");
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("tikhaul_build_info{revision=\"abc\",version=\""));
  for (const char* name : {"start_time_seconds", "resident_memory_bytes", "open_files", "cpu_seconds_total"}) {
    const std::string line = std::string("\ntikhaul_process_") + name + " ";
    ASSERT_THAT(text, HasSubstr(line));
    EXPECT_GT(std::stod(text.substr(text.find(line) + line.size())), 0) << name;
  }
}

}  // namespace
}  // namespace tikhaul
