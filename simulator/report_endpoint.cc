#include "simulator/report_endpoint.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "simulator/page_writer.h"
#include "simulator/param_reader.h"
#include "simulator/report_query.h"

namespace tikhaul::simulator {
namespace {

// What is kept between pages: so many requests, and so many rows of about 32 bytes.
constexpr size_t kMostEntries = 64;
constexpr size_t kMostRows = 6'000'000;

// Everything that decides the rows, but not the page.
std::string CacheKey(const Call& call, absl::Time moment) {
  std::string key = absl::StrCat(absl::ToUnixSeconds(moment));
  for (const auto& [name, value] : call.params) {
    if (name == "page" || name == "page_size" || name == "order_field" || name == "order_type") continue;
    absl::StrAppend(&key, "\n", name, "=", value);
  }
  return key;
}

}  // namespace

absl::Time ReportMoment(absl::Time now) {
  const int64_t seconds = absl::ToUnixSeconds(now);
  return absl::FromUnixSeconds(seconds - seconds % 900);
}

std::optional<Refusal> FindAccounts(const DataSet& data_set, const std::vector<std::string>& ids,
                                    std::vector<const Account*>* accounts) {
  for (const std::string& text : ids) {
    const std::optional<uint64_t> id = ParseId(text);
    const Account* account = id ? data_set.Find(*id) : nullptr;
    if (account == nullptr) {
      return Refusal{40001, absl::StrCat("No permission to operate advertiser ", text,
                                         ": the advertiser doesn't exist or has been deleted.")};
    }
    accounts->push_back(account);
  }
  return std::nullopt;
}

std::shared_ptr<ReportEndpoint::Entry> ReportEndpoint::EntryFor(const std::string& key) {
  MutexLock lock(mu_);
  std::shared_ptr<Entry>& entry = entries_[key];
  if (entry != nullptr) return entry;
  entry = std::make_shared<Entry>();
  const std::shared_ptr<Entry> made = entry;
  by_use_.push_back(key);
  DropOld();
  return made;
}

void ReportEndpoint::DropOld() {
  size_t rows = 0;
  for (const auto& [key, entry] : entries_) rows += entry->rows.load();
  while (by_use_.size() > 1 && (by_use_.size() > kMostEntries || rows > kMostRows)) {
    const auto oldest = entries_.find(by_use_.front());
    rows -= std::min(rows, oldest->second->rows.load());
    entries_.erase(oldest);
    by_use_.pop_front();
  }
}

std::shared_ptr<const ReportData> ReportEndpoint::DataFor(const Call& call, ReportQuery query,
                                                          std::vector<const Account*> accounts, absl::Time moment) {
  const std::shared_ptr<Entry> entry = EntryFor(CacheKey(call, moment));
  std::call_once(entry->once, [&] {
    entry->data = std::make_shared<const ReportData>(std::move(query), std::move(accounts), moment, object_limit_);
    entry->rows = entry->data->rows().size();
  });
  return entry->data;
}

EndpointAnswer ReportEndpoint::Answer(const Call& call, absl::Time now, const PageTwist& twist) {
  ParsedReport parsed = ParseReport(call);
  if (parsed.refusal) return EndpointAnswer::Refuse(parsed.refusal->code, parsed.refusal->message);
  std::vector<const Account*> accounts;
  if (const std::optional<Refusal> refusal = FindAccounts(data_set_, parsed.accounts, &accounts)) {
    return EndpointAnswer::Refuse(refusal->code, refusal->message);
  }
  const std::shared_ptr<const ReportData> data = DataFor(call, parsed.query, std::move(accounts), ReportMoment(now));
  for (const Dimension* breakdown : parsed.query.breakdowns) {
    if (breakdown->most_objects > 0 && static_cast<int64_t>(data->objects()) > breakdown->most_objects) {
      return EndpointAnswer::Refuse(
          40011, absl::StrCat("too many ids for the dimension ", breakdown->name, ": ", data->objects(),
                              ", the maximum is ", breakdown->most_objects, "; filter by ids."));
    }
  }
  EndpointAnswer answer = EndpointAnswer::Data(WriteReportPage(*data, parsed.query, twist));
  answer.cut_to_newest = data->cut_to_newest();
  return answer;
}

}  // namespace tikhaul::simulator
