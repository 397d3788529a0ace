// The figures of a process as Prometheus reads them. The one home of prometheus-cpp.
#ifndef TIKHAUL_COMMON_METRICS_METRIC_SET_H_
#define TIKHAUL_COMMON_METRICS_METRIC_SET_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
template <typename T>
class Family;
}  // namespace prometheus

namespace tikhaul {

// Handles are cheap to copy, thread-safe, and valid as long as the set and, for members of a family, until Clear().

// Only grows.
class Counter {
 public:
  // Without a lock.
  void Add(double n = 1) const;
  double value() const;

 private:
  friend class MetricSet;
  template <typename Handle, typename Foreign>
  friend class MetricFamily;
  explicit Counter(prometheus::Counter& foreign) : foreign_(&foreign) {}
  prometheus::Counter* foreign_;
};

// Goes up and down.
class Gauge {
 public:
  // Without a lock, as is Add().
  void Set(double value) const;
  void Add(double difference) const;
  double value() const;

 private:
  friend class MetricSet;
  template <typename Handle, typename Foreign>
  friend class MetricFamily;
  explicit Gauge(prometheus::Gauge& foreign) : foreign_(&foreign) {}
  prometheus::Gauge* foreign_;
};

// How long things take, counted in buckets from a millisecond to ten minutes.
class Histogram {
 public:
  void Observe(absl::Duration duration) const;

 private:
  friend class MetricSet;
  template <typename Handle, typename Foreign>
  friend class MetricFamily;
  explicit Histogram(prometheus::Histogram& foreign) : foreign_(&foreign) {}
  prometheus::Histogram* foreign_;
};

// Metrics of one name that differ in the values of its labels. Values must come from a bounded stock: never an
// advertiser, a chunk, a run or a text of the API. Thread-safe.
template <typename Handle, typename Foreign>
class MetricFamily {
 public:
  // The member with these values, in the order of the labels' names; made when it is not there yet. Takes a lock:
  // where it is counted often, keep the handle.
  Handle With(const std::vector<std::string>& values) ABSL_LOCKS_EXCLUDED(mu_);
  // Forgets all members: for figures that only a coordinator that leads can know.
  void Clear() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend class MetricSet;
  MetricFamily(prometheus::Family<Foreign>& foreign, std::vector<std::string> labels)
      : foreign_(foreign), labels_(std::move(labels)) {}

  prometheus::Family<Foreign>& foreign_;
  const std::vector<std::string> labels_;
  Mutex mu_;
  std::map<std::vector<std::string>, Foreign*> members_ ABSL_GUARDED_BY(mu_);
};
using CounterFamily = MetricFamily<Counter, prometheus::Counter>;
using GaugeFamily = MetricFamily<Gauge, prometheus::Gauge>;
using HistogramFamily = MetricFamily<Histogram, prometheus::Histogram>;

// What docs/metrics.md says of a metric.
struct MetricInfo {
  std::string name;
  std::string type;  // "counter", "gauge", "histogram"
  std::vector<std::string> labels;
};

// Metrics are added while the process starts, by one thread; everything else is thread-safe.
class MetricSet {
 public:
  MetricSet();
  ~MetricSet();
  MetricSet(const MetricSet&) = delete;
  MetricSet& operator=(const MetricSet&) = delete;

  // `name` begins with tikhaul_ and ends in its unit, a counter's in _total; `help` is one line.
  Counter AddCounter(const std::string& name, const std::string& help);
  Gauge AddGauge(const std::string& name, const std::string& help);
  Histogram AddHistogram(const std::string& name, const std::string& help);
  // Families live as long as the set.
  CounterFamily& AddCounters(const std::string& name, const std::string& help, std::vector<std::string> labels);
  GaugeFamily& AddGauges(const std::string& name, const std::string& help, std::vector<std::string> labels);
  HistogramFamily& AddHistograms(const std::string& name, const std::string& help, std::vector<std::string> labels);

  // `refresh` sets gauges from what the process has at hand, each time before they are read. It must wait for nothing
  // but short locks.
  void BeforeRead(std::function<void()> refresh) ABSL_LOCKS_EXCLUDED(mu_);

  // All figures, in Prometheus's text format.
  std::string Text() ABSL_LOCKS_EXCLUDED(mu_);
  // All metrics that were added, by name.
  std::vector<MetricInfo> List() const;

 private:
  struct Families;

  const std::unique_ptr<prometheus::Registry> registry_;
  const std::unique_ptr<Families> families_;
  std::vector<MetricInfo> list_;
  Mutex mu_;  // one reader at a time
  std::vector<std::function<void()>> refreshes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_METRICS_METRIC_SET_H_
