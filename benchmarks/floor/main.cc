// The floor: the least a hand-written program must do to bring a daily ad report into a database. One thread, eight
// requests in flight, simdjson straight into a prepared INSERT (SQLite) or a COPY (PostgreSQL), one transaction per
// window. No quota, no proof, no restart, no second reading: what benchmarks/cost compares with.
#include <curl/curl.h>
#include <simdjson.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "benchmarks/floor/table.h"

namespace tikhaul::floor_program {

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "floor: %s\n", why.c_str());
  std::exit(1);
}

namespace {

constexpr int kInFlight = 8;

struct Options {
  std::string base_url, token, database, first_day, last_day, metrics, whole;
  std::vector<std::string> advertisers;
};

struct Fetch {
  std::string advertiser;
  int page = 1;
  std::string body;
  CURL* handle = nullptr;
};

size_t Append(char* data, size_t size, size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> parts;
  size_t start = 0;
  while (start <= text.size()) {
    const size_t end = std::min(text.find(',', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::unique_ptr<Table> MakeTable(const Options& options, const std::vector<std::string>& metrics) {
  if (!options.database.starts_with("postgresql:")) return MakeSqliteTable(options.database, metrics);
  const std::vector<std::string> whole = SplitList(options.whole);
  return MakePostgresTable(options.database, metrics, {whole.begin(), whole.end()});
}

class Floor {
 public:
  explicit Floor(const Options& options)
      : options_(options), metrics_(SplitList(options.metrics)), table_(MakeTable(options, metrics_)) {
    for (size_t i = 0; i < metrics_.size(); ++i) metrics_json_ += (i == 0 ? "[\"" : "\",\"") + metrics_[i];
    metrics_json_ += "\"]";
    headers_ = curl_slist_append(nullptr, ("Access-Token: " + options.token).c_str());
    multi_ = curl_multi_init();
  }

  uint64_t Run() {
    for (const std::string& advertiser : options_.advertisers) Ask(advertiser, 1);
    table_->Begin();
    int running = 0;
    do {
      while (in_flight_ < kInFlight && !waiting_.empty()) Start();
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) Finish(message);
      }
      if (running > 0) curl_multi_poll(multi_, nullptr, 0, 100, nullptr);
    } while (running > 0 || !waiting_.empty());
    table_->Commit();
    return rows_;
  }

 private:
  void Ask(const std::string& advertiser, int page) {
    auto fetch = std::make_unique<Fetch>();
    fetch->advertiser = advertiser;
    fetch->page = page;
    waiting_.push_back(std::move(fetch));
  }

  std::string Escape(const std::string& text) {
    char* const escaped = curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size()));
    std::string result = escaped;
    curl_free(escaped);
    return result;
  }

  void Start() {
    Fetch* const fetch = waiting_.front().release();
    waiting_.pop_front();
    const std::string url =
        options_.base_url +
        "report/integrated/get/?report_type=BASIC&data_level=AUCTION_AD&advertiser_id=" + fetch->advertiser +
        "&dimensions=" + Escape(R"(["ad_id","stat_time_day"])") + "&metrics=" + Escape(metrics_json_) +
        "&start_date=" + options_.first_day + "&end_date=" + options_.last_day +
        "&filtering=" + Escape(R"([{"field_name":"ad_status","filter_type":"IN","filter_value":"[\"STATUS_ALL\"]"}])") +
        "&page_size=1000&page=" + std::to_string(fetch->page);
    fetch->handle = curl_easy_init();
    curl_easy_setopt(fetch->handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(fetch->handle, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(fetch->handle, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(fetch->handle, CURLOPT_WRITEFUNCTION, Append);
    curl_easy_setopt(fetch->handle, CURLOPT_WRITEDATA, &fetch->body);
    curl_easy_setopt(fetch->handle, CURLOPT_PRIVATE, fetch);
    curl_multi_add_handle(multi_, fetch->handle);
    ++in_flight_;
  }

  void Finish(CURLMsg* message) {
    Fetch* raw = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &raw);
    const std::unique_ptr<Fetch> fetch(raw);
    if (message->data.result != CURLE_OK) Die(curl_easy_strerror(message->data.result));
    curl_multi_remove_handle(multi_, fetch->handle);
    curl_easy_cleanup(fetch->handle);
    --in_flight_;
    Read(*fetch);
  }

  void Read(Fetch& fetch) {
    fetch.body.reserve(fetch.body.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document =
        parser_.iterate(fetch.body.data(), fetch.body.size(), fetch.body.capacity());
    if (document["code"].get_int64() != 0) Die(fetch.body.substr(0, 300));
    simdjson::ondemand::object data = document["data"].get_object();
    int64_t pages = 0;
    simdjson::ondemand::array list;
    for (auto member : data) {
      const std::string_view key = member.unescaped_key();
      if (key == "page_info") {
        pages = member.value()["total_page"].get_int64();
      } else if (key == "list") {
        list = member.value().get_array();
        for (auto row : list) ReadRow(fetch, row.get_object());
      }
    }
    for (int page = 2; fetch.page == 1 && page <= pages; ++page) Ask(fetch.advertiser, page);
  }

  void ReadRow(const Fetch& fetch, simdjson::ondemand::object row) {
    simdjson::ondemand::object dimensions = row["dimensions"].get_object();
    const std::string_view ad = dimensions["ad_id"].get_string();
    const std::string_view day = dimensions["stat_time_day"].get_string();
    table_->BeginRow(fetch.advertiser, day.substr(0, 10), ad);
    simdjson::ondemand::object values = row["metrics"].get_object();
    for (size_t i = 0; i < metrics_.size(); ++i) {
      simdjson::ondemand::value value = values[metrics_[i]];
      if (value.type() == simdjson::ondemand::json_type::string) {
        table_->Metric(std::string_view(value.get_string()));
      } else {
        table_->Metric("-");
      }
    }
    table_->EndRow();
    ++rows_;
  }

  const Options options_;
  const std::vector<std::string> metrics_;
  std::string metrics_json_;
  const std::unique_ptr<Table> table_;
  curl_slist* headers_ = nullptr;
  CURLM* multi_ = nullptr;
  std::deque<std::unique_ptr<Fetch>> waiting_;
  int in_flight_ = 0;
  simdjson::ondemand::parser parser_;
  uint64_t rows_ = 0;
};

}  // namespace
}  // namespace tikhaul::floor_program

int main(int argc, char** argv) {
  namespace program = tikhaul::floor_program;
  CLI::App app{"tikhaul-floor: fetch, parse and insert one window of a daily ad report, and nothing else"};
  program::Options options;
  app.add_option("--base-url", options.base_url)->required();
  app.add_option("--token", options.token)->required();
  app.add_option("--database", options.database, "SQLite file to make, or postgresql://...")->required();
  app.add_option("--first-day", options.first_day)->required();
  app.add_option("--last-day", options.last_day)->required();
  app.add_option("--metrics", options.metrics, "comma-separated; all numbers")->required();
  app.add_option("--whole", options.whole, "PostgreSQL: those of them that are whole numbers, comma-separated");
  app.add_option("--advertiser", options.advertisers)->required();
  CLI11_PARSE(app, argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const uint64_t rows = program::Floor(options).Run();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::printf(
      "{\"rows\": %llu, \"cpu_seconds\": %.3f, \"cpu_seconds_per_million_rows\": %.3f, \"peak_memory_mib\": %.1f}\n",
      static_cast<unsigned long long>(rows), cpu, rows > 0 ? cpu * 1e6 / static_cast<double>(rows) : 0.0,
      static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}
