// Many light workers in one process: each takes hints, opens an Extract stream, claims, sends rows of its own making
// and finishes. They go through the coordinator's real services and Redis; what a worker does with the API is left out.
// Load for benchmarks/scale.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/process.h"
#include "common/config/config.h"
#include "common/queue/hint_queue.h"
#include "common/rpc/channel.h"
#include "common/wire/column_groups.h"
#include "common/wire/row_batch_wire.h"
#include "tikhaul/v1/ingest.grpc.pb.h"

namespace tikhaul {
namespace {

struct Options {
  std::string config = "tikhaul.yaml";
  int streams = 200;
  uint64_t rows = 1;
  uint64_t batch_rows = 1000;
  uint64_t chunks = 0;  // 0: until no hints come any more
  double patience = 5;  // seconds without any hint
};

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "swarm: %s\n", why.c_str());
  std::exit(1);
}

// Hints for all streams: one thread pops, all others take.
class Hints {
 public:
  Hints(const std::string& redis, const std::string& instance, const Options& options)
      : options_(options), popping_({.url = redis}, instance, "swarm"), spending_({.url = redis}, instance, "swarm") {}

  // Until nothing has come for long enough.
  void Pump() {
    const SystemClock clock;
    absl::Duration last = clock.Monotonic();
    while (clock.Monotonic() - last < absl::Seconds(options_.patience) && !stopped_) {
      const absl::StatusOr<std::vector<Hint>> popped = popping_.Pop(64, absl::Milliseconds(100));
      if (!popped.ok()) Die(popped.status().ToString());
      if (!popped->empty()) last = clock.Monotonic();
      MutexLock lock(mu_);
      waiting_.insert(waiting_.end(), popped->begin(), popped->end());
      for (size_t i = 0; i < popped->size(); ++i) arrived_.Signal();
    }
    Stop();
  }
  void Stop() {
    stopped_ = true;
    MutexLock lock(mu_);
    for (int i = 0; i < options_.streams; ++i) arrived_.Signal();
  }
  std::optional<Hint> Take() {
    MutexLock lock(mu_);
    while (waiting_.empty() && !stopped_) arrived_.WaitFor(mu_, absl::Seconds(1));
    if (waiting_.empty()) return std::nullopt;
    const Hint hint = waiting_.front();
    waiting_.pop_front();
    return hint;
  }
  void Spend(const Hint& hint) {
    MutexLock lock(spending_mu_);
    if (const absl::Status spent = spending_.Spend(hint); !spent.ok()) Die(spent.ToString());
  }

 private:
  const Options& options_;
  HintConsumer popping_;
  std::atomic<bool> stopped_{false};
  Mutex mu_, spending_mu_;
  CondVar arrived_;
  std::deque<Hint> waiting_ ABSL_GUARDED_BY(mu_);
  HintConsumer spending_ ABSL_GUARDED_BY(spending_mu_);
};

// The ways to the coordinators, each opened at its first use; several to each, since a connection has a bounded number
// of streams.
class Links {
 public:
  Links(const v1::CoordinatorSettings& config, Dialer dialer) : config_(config), dialer_(std::move(dialer)) {}

  // `address` empty: the configuration's.
  v1::Ingest::Stub& At(const std::string& address) {
    MutexLock lock(mu_);
    std::unique_ptr<v1::Ingest::Stub>& stub = stubs_[{address, next_++ % kWays}];
    if (stub == nullptr) {
      const auto channel = dialer_.Open(address.empty() ? config_.listen() : address);
      if (!channel.ok()) Die(channel.status().ToString());
      stub = v1::Ingest::NewStub(*channel);
    }
    return *stub;
  }

 private:
  const v1::CoordinatorSettings& config_;
  const Dialer dialer_;
  Mutex mu_;
  static constexpr size_t kWays = 6;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::pair<std::string, size_t>, std::unique_ptr<v1::Ingest::Stub>> stubs_ ABSL_GUARDED_BY(mu_);
};

// Rows of the plan's columns within its window, all keys different.
RowBatch MakeRows(const v1::ReadPlan& plan, uint64_t first, uint64_t count) {
  const absl::StatusOr<absl::CivilDay> day = ParseDay(absl::string_view(plan.window()).substr(0, 10));
  const int64_t number = day.ok() ? DayNumber(*day) : 0;
  RowBatch batch;
  batch.rows = count;
  for (const v1::ColumnPlan* planned : ColumnsOfGroup(plan, 0)) {
    Column column(FromWire(planned->type()).value_or(ColumnType::kString));
    for (uint64_t row = first; row < first + count; ++row) {
      const auto value = static_cast<int64_t>(row);
      if (IsText(column.type())) column.AppendText(absl::StrCat(1700000000000000000 + row));
      if (column.type() == ColumnType::kDate) column.AppendNumber(number);
      if (column.type() == ColumnType::kLocalHour) column.AppendNumber(number * 86400);
      if (column.type() == ColumnType::kInt64) column.AppendNumber(value * 7919 % 100'000);
      if (column.type() == ColumnType::kDecimal) column.AppendDecimal({value * 7919 % 10'000'000, 2});
    }
    batch.columns.push_back(std::move(column));
  }
  for (int kept = 0; kept < 2; ++kept) {
    Column column(ColumnType::kJson);
    for (uint64_t row = 0; row < count; ++row) column.AppendNull();
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

struct Tally {
  uint64_t committed = 0, refused = 0, lost = 0;
  std::vector<float> claim_ms;
};

class Stream {
 public:
  Stream(const Options& options, Hints& hints, Links& links, int number)
      : options_(options), hints_(hints), links_(links), name_(absl::StrCat("swarm-", number)) {}

  // `committed`: chunks of all streams.
  Tally Run(std::atomic<uint64_t>& committed) {
    Tally tally;
    while (const std::optional<Hint> hint = hints_.Take()) {
      if (Extract(*hint, &tally) && ++committed == options_.chunks) hints_.Stop();
    }
    return tally;
  }

 private:
  // True when the chunk was committed.
  bool Extract(const Hint& hint, Tally* tally) {
    grpc::ClientContext context;
    const auto stream = links_.At(hint.coordinator).Extract(&context);
    v1::ExtractRequest request;
    v1::Claim* const claim = request.mutable_claim();
    claim->set_protocol(v1::PROTOCOL_VERSION_1);
    claim->set_chunk_id(hint.chunk);
    claim->set_worker(name_);
    claim->set_incarnation(name_);
    const absl::Duration asked = clock_.Monotonic();
    v1::ExtractResponse response;
    const bool answered = stream->Write(request) && stream->Read(&response);
    tally->claim_ms.push_back(static_cast<float>(absl::ToDoubleMilliseconds(clock_.Monotonic() - asked)));
    hints_.Spend(hint);
    const bool granted = answered && response.has_granted();
    const bool committed = granted && Send(response.granted(), *stream);
    ++(committed ? tally->committed : granted ? tally->lost : tally->refused);
    stream->WritesDone();
    stream->Finish();
    return committed;
  }

  template <typename GrpcStream>
  bool Send(const v1::Granted& granted, GrpcStream& stream) {
    int64_t credit = granted.credit_bytes();
    uint64_t sequence = 0;
    v1::ExtractRequest request;
    v1::ExtractResponse response;
    for (uint64_t row = 0; row < options_.rows; row += options_.batch_rows) {
      v1::Batch* const batch = request.mutable_batch();
      batch->set_sequence(++sequence);
      ToWire(MakeRows(granted.plan(), row, std::min(options_.batch_rows, options_.rows - row)), batch->mutable_rows());
      credit -= static_cast<int64_t>(batch->rows().ByteSizeLong());
      if (!stream.Write(request)) return false;
      while (credit <= 0) {
        if (!stream.Read(&response) || !response.has_credit()) return false;
        credit += response.credit().bytes();
      }
    }
    v1::Finish* const finish = request.mutable_finish();
    finish->set_last_sequence(sequence);
    finish->set_rows(options_.rows);
    finish->set_promised_rows(options_.rows);
    finish->set_pages(1);
    finish->set_calls(1);
    finish->add_request_ids("swarm");
    if (!stream.Write(request)) return false;
    while (stream.Read(&response)) {
      if (response.has_committed()) return true;
      if (response.has_revoked()) {
        std::fprintf(stderr, "swarm: revoked: %s\n", response.revoked().reason().c_str());
        return false;
      }
    }
    return false;
  }

  const Options& options_;
  Hints& hints_;
  Links& links_;
  const std::string name_;
  const SystemClock clock_;
};

double Quantile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

int RunSwarm(const Options& options) {
  const absl::StatusOr<v1::Config> config = LoadConfig(options.config);
  if (!config.ok()) Die(config.status().ToString());
  absl::StatusOr<Dialer> dialer = Dialer::Make(*config);
  if (!dialer.ok()) Die(dialer.status().ToString());
  Links links(config->coordinator(), *std::move(dialer));
  grpc::ClientContext context;
  v1::HelloRequest hello;
  hello.set_protocol(v1::PROTOCOL_VERSION_1);
  hello.set_worker("swarm");
  hello.set_incarnation("swarm");
  v1::HelloResponse answer;
  if (const grpc::Status said = links.At("").Hello(&context, hello, &answer); !said.ok()) Die(said.error_message());

  const SystemClock clock;
  const absl::Duration started = clock.Monotonic();
  Hints hints(config->redis(), answer.instance(), options);
  std::atomic<uint64_t> committed{0};
  std::vector<Tally> tallies(static_cast<size_t>(options.streams));
  std::vector<std::thread> threads;
  for (int i = 0; i < options.streams; ++i) {
    threads.emplace_back([&, i] { tallies[static_cast<size_t>(i)] = Stream(options, hints, links, i).Run(committed); });
  }
  hints.Pump();
  for (std::thread& thread : threads) thread.join();
  Tally all;
  for (const Tally& tally : tallies) {
    all.committed += tally.committed;
    all.refused += tally.refused;
    all.lost += tally.lost;
    all.claim_ms.insert(all.claim_ms.end(), tally.claim_ms.begin(), tally.claim_ms.end());
  }
  std::printf(
      "{\"committed\": %llu, \"refused\": %llu, \"lost\": %llu, \"seconds\": %.2f, \"claim_ms\": {\"p50\": %.2f, "
      "\"p99\": %.2f, \"max\": %.2f}}\n",
      static_cast<unsigned long long>(all.committed), static_cast<unsigned long long>(all.refused),
      static_cast<unsigned long long>(all.lost), absl::ToDoubleSeconds(clock.Monotonic() - started),
      Quantile(all.claim_ms, 0.5), Quantile(all.claim_ms, 0.99), Quantile(all.claim_ms, 1));
  return 0;
}

}  // namespace
}  // namespace tikhaul

int main(int argc, char** argv) {
  CLI::App app("Claims, fills and finishes chunks over many streams, with rows of its own making");
  tikhaul::Options options;
  app.add_option("--config", options.config, "The configuration file")->capture_default_str();
  app.add_option("--streams", options.streams, "At once")->capture_default_str();
  app.add_option("--rows", options.rows, "Per chunk")->capture_default_str();
  app.add_option("--chunks", options.chunks, "Ends after so many; 0: when no hints come")->capture_default_str();
  app.add_option("--patience", options.patience, "Seconds without a hint after which it ends")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return tikhaul::RunSwarm(options);
}
