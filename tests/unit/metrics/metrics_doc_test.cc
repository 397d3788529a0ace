// docs/metrics.md and the programs name the same metrics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"
#include "common/metrics/process_metrics.h"
#include "common/tiktok/call_metrics.h"
#include "coordinator/coordinator_metrics.h"
#include "worker/worker_metrics.h"

namespace tikhaul {
namespace {

// "name type label,label", of each metric.
using Lines = std::set<std::string>;

Lines LinesOf(const MetricSet& metrics) {
  Lines lines;
  for (const MetricInfo& info : metrics.List())
    lines.insert(absl::StrCat(info.name, " ", info.type, " ", absl::StrJoin(info.labels, ",")));
  return lines;
}

// Rows of the table whose column `where` names one of `letters`.
Lines Documented(const std::string& letters) {
  Lines lines;
  const std::string doc = ReadFile(TIKHAUL_METRICS_DOC).value();
  for (const absl::string_view line : absl::StrSplit(doc, '\n')) {
    if (!absl::StartsWith(line, "| `tikhaul_")) continue;
    std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() < 8) {
      ADD_FAILURE() << line;
      continue;
    }
    for (std::string& cell : cells) {
      cell.erase(std::remove(cell.begin(), cell.end(), '`'), cell.end());
      absl::StripAsciiWhitespace(&cell);
    }
    EXPECT_FALSE(cells[4].empty()) << "no unit: " << line;
    EXPECT_FALSE(cells[6].empty()) << "no meaning: " << line;
    if (cells[5].find_first_of(letters) == std::string::npos) continue;
    const std::vector<std::string> labels = absl::StrSplit(cells[3], ", ", absl::SkipEmpty());
    EXPECT_TRUE(lines.insert(absl::StrCat(cells[1], " ", cells[2], " ", absl::StrJoin(labels, ","))).second) << line;
  }
  return lines;
}

TEST(MetricsDocTest, ListsTheCoordinators) {
  MetricSet metrics;
  AddProcessMetrics(metrics, "abc");
  const CallMetrics calls(metrics);
  const CoordinatorMetrics own(metrics, {});
  EXPECT_EQ(LinesOf(metrics), Documented("CL"));
}

TEST(MetricsDocTest, ListsTheWorkers) {
  MetricSet metrics;
  AddProcessMetrics(metrics, "abc");
  const CallMetrics calls(metrics);
  const WorkerMetrics own(metrics, {});
  EXPECT_EQ(LinesOf(metrics), Documented("W"));
}

TEST(MetricsDocTest, NamesFollowTheRules) {
  MetricSet metrics;
  AddProcessMetrics(metrics, "abc");
  const CallMetrics calls(metrics);
  const CoordinatorMetrics coordinator(metrics, {});
  const WorkerMetrics worker(metrics, {});
  for (const MetricInfo& info : metrics.List()) {
    EXPECT_TRUE(absl::StartsWith(info.name, "tikhaul_")) << info.name;
    EXPECT_EQ(absl::EndsWith(info.name, "_total"), info.type == "counter") << info.name;
    if (info.type == "histogram") {
      EXPECT_TRUE(absl::EndsWith(info.name, "_seconds")) << info.name;
    }
    for (const std::string& label : info.labels) {
      EXPECT_THAT((std::set<std::string>{"advertiser", "chunk", "run", "worker", "request_id", "message"}),
                  testing::Not(testing::Contains(label)))
          << info.name;
    }
  }
}

}  // namespace
}  // namespace tikhaul
