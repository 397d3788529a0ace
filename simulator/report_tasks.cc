#include "simulator/report_tasks.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "simulator/csv_writer.h"
#include "simulator/names.h"
#include "simulator/param_reader.h"
#include "simulator/report_endpoint.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

constexpr absl::Duration kKept = absl::Hours(24);
constexpr absl::Duration kUrlLife = absl::Hours(1);
constexpr uint64_t kFirstId = 7'400'000'000'000'000'000;
constexpr size_t kLongestName = 255;
constexpr absl::string_view kNotInNames = "/\t\b@#$%^&*()[]";

struct BodyType {
  absl::string_view name;
  bool (json::*is)() const;
  absl::string_view text;
};
const BodyType kBodyTypes[] = {
    {"dimensions", &json::is_array, "list"},
    {"metrics", &json::is_array, "list"},
    {"filtering", &json::is_array, "list"},
    {"advertiser_ids", &json::is_array, "list"},
    {"query_lifetime", &json::is_boolean, "boolean"},
    {"enable_total_metrics", &json::is_boolean, "boolean"},
    {"multi_adv_report_in_utc_time", &json::is_boolean, "boolean"},
    {"enable_report_title_translation", &json::is_boolean, "boolean"},
};

bool TypeFits(const std::string& name, const json& value, std::string* wanted) {
  for (const BodyType& type : kBodyTypes) {
    if (type.name != name) continue;
    *wanted = std::string(type.text);
    return (value.*type.is)();
  }
  *wanted = "string";
  return value.is_string();
}

// One account of several stands for the task in all later calls.
bool Owns(const std::vector<const Account*>& accounts, const std::string& id) {
  return std::any_of(accounts.begin(), accounts.end(), [&](const Account* account) { return account->id_text == id; });
}

void ReadFileName(ParamReader& in, std::string* name) {
  *name = in.Text("file_name");
  if (name->size() > kLongestName || name->find_first_of(std::string(kNotInNames)) != std::string::npos) {
    in.Refuse(40002, "file_name: at most 255 characters, none of / tab backspace @ # $ % ^ & * ( ) [ ].");
  }
}

}  // namespace

std::optional<Refusal> ReadTaskBody(const std::string& body, std::map<std::string, std::string>* params) {
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return Refusal{40002, "The request body must be a JSON object."};
  params->clear();
  for (const auto& [name, value] : parsed.items()) {
    if (value.is_null()) continue;
    std::string wanted;
    if (!TypeFits(name, value, &wanted)) return Refusal{40002, absl::StrCat(name, ": Not a valid ", wanted, ".")};
    (*params)[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return std::nullopt;
}

EndpointAnswer ReportTasks::Create(const Call& call, absl::Time now, const TaskTwist& twist) {
  ParsedReport parsed = ParseReport(call, ReportRoad::kTask);
  if (parsed.refusal) return EndpointAnswer::Refuse(parsed.refusal->code, parsed.refusal->message);
  Task task;
  ParamReader in(call.params);
  task.format = in.OneOf("output_format", "CSV_STRING", {"CSV_STRING", "CSV_DOWNLOAD", "XLSX_DOWNLOAD"});
  if (task.format == "XLSX_DOWNLOAD") in.Refuse(40002, "output_format: XLSX_DOWNLOAD is not simulated.");
  ReadFileName(in, &task.file_name);
  task.titles = in.Flag("enable_report_title_translation", true);
  if (in.refusal()) return EndpointAnswer::Refuse(in.refusal()->code, in.refusal()->message);
  if (const std::optional<Refusal> refusal = FindAccounts(data_set_, parsed.accounts, &task.accounts)) {
    return EndpointAnswer::Refuse(refusal->code, refusal->message);
  }
  task.query = std::move(parsed.query);
  task.made = now;
  task.ends = now + takes_ + twist.longer;
  task.begins = now + (task.ends - now) / 4;
  task.twist = twist;
  MutexLock lock(mu_);
  Forget(now);
  const std::string id = absl::StrCat(kFirstId + ++last_id_);
  tasks_[id] = std::move(task);
  return EndpointAnswer::Data(absl::StrCat("{\"task_id\":\"", id, "\"}"));
}

void ReportTasks::Forget(absl::Time now) {
  std::erase_if(tasks_, [now](const auto& entry) { return entry.second.made + kKept < now; });
}

std::optional<ReportTasks::Task> ReportTasks::Find(const std::string& id, absl::Time now) {
  MutexLock lock(mu_);
  Forget(now);
  const auto found = tasks_.find(id);
  return found == tasks_.end() ? std::nullopt : std::optional<Task>(found->second);
}

std::optional<Refusal> ReportTasks::Find(const Call& call, absl::Time now, std::string* id, Task* task) {
  ParamReader in(call.params);
  const std::string advertiser = in.Text("advertiser_id", true);
  *id = in.Text("task_id", true);
  if (in.refusal()) return in.refusal();
  const std::optional<uint64_t> number = ParseId(advertiser);
  if (!number || data_set_.Find(*number) == nullptr) {
    std::vector<const Account*> none;
    return FindAccounts(data_set_, {advertiser}, &none);
  }
  std::optional<Task> found = Find(*id, now);
  const bool gone = found && found->twist.ends == "EXPIRED" && now >= found->ends;
  if (!found || gone || !Owns(found->accounts, advertiser)) {
    return Refusal{40007, absl::StrCat("The report task ", *id, " does not exist.")};
  }
  *task = *std::move(found);
  return std::nullopt;
}

std::string ReportTasks::StatusOf(const Task& task, absl::Time now) {
  if (task.cancelled) return "CANCELED";
  if (now < task.begins) return "QUEUING";
  if (now < task.ends || task.twist.ends == "PROCESSING") return "PROCESSING";
  return task.twist.ends.empty() ? "SUCCESS" : task.twist.ends;
}

EndpointAnswer ReportTasks::Check(const Call& call, absl::Time now) {
  std::string id;
  Task task;
  if (const auto refusal = Find(call, now, &id, &task)) return EndpointAnswer::Refuse(refusal->code, refusal->message);
  const std::string status = StatusOf(task, now);
  std::string data = absl::StrCat("{\"status\":\"", status, "\"");
  if (status == "FAILED") {
    absl::StrAppend(&data, ",\"message\":");
    AppendJsonString(task.twist.message.empty() ? "internal error" : task.twist.message, data);
  }
  data += '}';
  return EndpointAnswer::Data(std::move(data));
}

EndpointAnswer ReportTasks::Download(const Call& call, absl::Time now) {
  std::string id;
  Task task;
  if (const auto refusal = Find(call, now, &id, &task)) return EndpointAnswer::Refuse(refusal->code, refusal->message);
  const std::string status = StatusOf(task, now);
  if (status == "QUEUING" || status == "PROCESSING") {
    return EndpointAnswer::Refuse(40201, "The report task is not ready yet.");
  }
  if (status != "SUCCESS") return EndpointAnswer::Refuse(40200, absl::StrCat("The report task is ", status, "."));
  if (task.format == "CSV_DOWNLOAD") {
    const std::string name = absl::StrCat(task.file_name.empty() ? "report" : task.file_name, ".csv");
    std::string data =
        absl::StrCat("{\"download_url\":\"http://", call.host, kFiles, id, "/", absl::ToUnixSeconds(now + kUrlLife),
                     "\",\"output_format\":\"CSV_DOWNLOAD\"", ",\"file_name\":");
    AppendJsonString(name, data);
    data += '}';
    return EndpointAnswer::Data(std::move(data));
  }
  const ReportData data(task.query, task.accounts, ReportMoment(task.made), SIZE_MAX);
  return EndpointAnswer::Text("text/csv; charset=utf-8", WriteReportCsv(data, task.titles));
}

EndpointAnswer ReportTasks::Cancel(const Call& call, absl::Time now) {
  std::string id;
  Task task;
  if (const auto refusal = Find(call, now, &id, &task)) return EndpointAnswer::Refuse(refusal->code, refusal->message);
  const std::string status = StatusOf(task, now);
  if (status == "SUCCESS" || status == "FAILED") {
    return EndpointAnswer::Refuse(40200, absl::StrCat("The report task is ", status, " and cannot be cancelled."));
  }
  MutexLock lock(mu_);
  if (const auto found = tasks_.find(id); found != tasks_.end()) found->second.cancelled = true;
  return EndpointAnswer::Data("{\"status\":\"CANCELED\"}");
}

EndpointAnswer ReportTasks::File(const std::string& path, absl::Time now) {
  const std::string rest = path.substr(std::string(kFiles).size());
  const size_t slash = rest.find('/');
  int64_t until = 0;
  const std::optional<Task> task = Find(rest.substr(0, slash), now);
  if (slash == std::string::npos || !absl::SimpleAtoi(rest.substr(slash + 1), &until) || !task ||
      absl::FromUnixSeconds(until) < now || StatusOf(*task, now) != "SUCCESS") {
    return EndpointAnswer::Refuse(40007, "unknown or expired");
  }
  const ReportData data(task->query, task->accounts, ReportMoment(task->made), SIZE_MAX);
  return EndpointAnswer::Text("text/csv; charset=utf-8", WriteReportCsv(data, task->titles));
}

}  // namespace tikhaul::simulator
