#include "common/metrics/metric_set.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <deque>
#include <type_traits>
#include <utility>

namespace tikhaul {
namespace {

// Seconds.
const prometheus::Histogram::BucketBoundaries kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                          1,     2.5,    5,     10,   30,    60,   120, 300,  600};

template <typename Foreign>
Foreign& AddTo(prometheus::Family<Foreign>& family, const prometheus::Labels& labels) {
  if constexpr (std::is_same_v<Foreign, prometheus::Histogram>) {
    return family.Add(labels, kBuckets);
  } else {
    return family.Add(labels);
  }
}

template <typename Foreign>
prometheus::Family<Foreign>& Register(prometheus::Registry& registry, const std::string& name,
                                      const std::string& help) {
  return prometheus::detail::Builder<Foreign>().Name(name).Help(help).Register(registry);
}

}  // namespace

void Counter::Add(double n) const { foreign_->Increment(n); }
double Counter::value() const { return foreign_->Value(); }
void Gauge::Set(double value) const { foreign_->Set(value); }
void Gauge::Add(double difference) const { foreign_->Increment(difference); }
double Gauge::value() const { return foreign_->Value(); }
void Histogram::Observe(absl::Duration duration) const { foreign_->Observe(absl::ToDoubleSeconds(duration)); }

template <typename Handle, typename Foreign>
Handle MetricFamily<Handle, Foreign>::With(const std::vector<std::string>& values) {
  MutexLock lock(mu_);
  Foreign*& member = members_[values];
  if (member == nullptr) {
    prometheus::Labels labels;
    for (size_t i = 0; i < labels_.size(); ++i) labels[labels_[i]] = i < values.size() ? values[i] : "";
    member = &AddTo(foreign_, labels);
  }
  return Handle(*member);
}

template <typename Handle, typename Foreign>
void MetricFamily<Handle, Foreign>::Clear() {
  MutexLock lock(mu_);
  for (const auto& [values, member] : members_) foreign_.Remove(member);
  members_.clear();
}

template class MetricFamily<Counter, prometheus::Counter>;
template class MetricFamily<Gauge, prometheus::Gauge>;
template class MetricFamily<Histogram, prometheus::Histogram>;

// Deques, so that their members stay where they are.
struct MetricSet::Families {
  std::deque<std::unique_ptr<CounterFamily>> counters;
  std::deque<std::unique_ptr<GaugeFamily>> gauges;
  std::deque<std::unique_ptr<HistogramFamily>> histograms;
};

MetricSet::MetricSet()
    : registry_(std::make_unique<prometheus::Registry>(prometheus::Registry::InsertBehavior::Throw)),
      families_(std::make_unique<Families>()) {}

MetricSet::~MetricSet() = default;

Counter MetricSet::AddCounter(const std::string& name, const std::string& help) {
  return AddCounters(name, help, {}).With({});
}

Gauge MetricSet::AddGauge(const std::string& name, const std::string& help) {
  return AddGauges(name, help, {}).With({});
}

Histogram MetricSet::AddHistogram(const std::string& name, const std::string& help) {
  return AddHistograms(name, help, {}).With({});
}

CounterFamily& MetricSet::AddCounters(const std::string& name, const std::string& help,
                                      std::vector<std::string> labels) {
  list_.push_back({name, "counter", labels});
  auto& foreign = Register<prometheus::Counter>(*registry_, name, help);
  return *families_->counters.emplace_back(new CounterFamily(foreign, std::move(labels)));
}

GaugeFamily& MetricSet::AddGauges(const std::string& name, const std::string& help, std::vector<std::string> labels) {
  list_.push_back({name, "gauge", labels});
  auto& foreign = Register<prometheus::Gauge>(*registry_, name, help);
  return *families_->gauges.emplace_back(new GaugeFamily(foreign, std::move(labels)));
}

HistogramFamily& MetricSet::AddHistograms(const std::string& name, const std::string& help,
                                          std::vector<std::string> labels) {
  list_.push_back({name, "histogram", labels});
  auto& foreign = Register<prometheus::Histogram>(*registry_, name, help);
  return *families_->histograms.emplace_back(new HistogramFamily(foreign, std::move(labels)));
}

void MetricSet::BeforeRead(std::function<void()> refresh) {
  MutexLock lock(mu_);
  refreshes_.push_back(std::move(refresh));
}

std::string MetricSet::Text() {
  MutexLock lock(mu_);
  for (const std::function<void()>& refresh : refreshes_) refresh();
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

std::vector<MetricInfo> MetricSet::List() const {
  std::vector<MetricInfo> list = list_;
  std::sort(list.begin(), list.end(), [](const MetricInfo& a, const MetricInfo& b) { return a.name < b.name; });
  return list;
}

}  // namespace tikhaul
